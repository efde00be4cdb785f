import type { RunSpec } from '../../core/function/run-spec';

/** Runtimes whose shim can wait without code. */
export const BLANK_RUNTIMES = ['nodejs', 'python'] as const;
export type BlankRuntime = (typeof BLANK_RUNTIMES)[number];

/** What is settled when a blank is made: an instance gets one of its own runtime and network. */
export interface BlankKind {
  readonly runtime: BlankRuntime;
  readonly network: RunSpec['network'];
}

export const BLANK_KINDS: readonly BlankKind[] = BLANK_RUNTIMES.flatMap((runtime) =>
  (['egress', 'none'] as const).map((network) => ({ runtime, network })),
);

/** A sandbox whose runtime has booted and that holds nothing of anybody. */
export interface BlankSandbox extends BlankKind {
  readonly id: string;
  /** What it uses. */
  readonly memoryBytes: number;
}

/** What a blank may use before it becomes an instance. It boots behind everybody's back, so a part of a core is enough. */
export const BLANK_LIMITS: RunSpec['limits'] = { memoryBytes: 96 * 2 ** 20, cpuMillis: 300, pids: 64 };
