import type { RunSpec } from '../../core/function/run-spec';

/** Runtimes whose shim can wait without code. */
export const BLANK_RUNTIMES = ['nodejs', 'python'] as const;
export type BlankRuntime = (typeof BLANK_RUNTIMES)[number];

/** A sandbox whose runtime has booted and that holds nothing of anybody. */
export interface BlankSandbox {
  readonly id: string;
  readonly runtime: BlankRuntime;
  /** What it uses. */
  readonly memoryBytes: number;
}

/** What a blank may use before it becomes an instance. It boots behind everybody's back, so a part of a core is enough. */
export const BLANK_LIMITS: RunSpec['limits'] = { memoryBytes: 96 * 2 ** 20, cpuMillis: 300, pids: 64 };
