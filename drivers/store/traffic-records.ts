import type { StartCause, StartKind } from '../../core/start/start';

/** One answered (or refused) invocation. Times are milliseconds with fractions; `at` is its arrival at the gateway. */
export interface InvocationRecord {
  readonly id: string;
  readonly at: Date;
  readonly tenant: string;
  readonly functionId: string;
  readonly function: string;
  readonly revision: number | null;
  readonly node: string | null;
  readonly instanceId: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly errorCode: string | null;
  /** null only when no instance was reached. */
  readonly kind: StartKind | null;
  readonly cause: StartCause | null;
  readonly queueMs: number;
  readonly startMs: number;
  readonly executeMs: number;
  readonly totalMs: number;
  readonly firstByteMs: number | null;
  readonly phases: Readonly<Record<string, number>>;
  readonly cpuMicros: number | null;
  readonly memoryByteMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly traceId: string | null;
  /** Of an asynchronous invocation: which try; its tries share one id. Null where the caller waited. */
  readonly attempt: number | null;
}
export interface LogRecord {
  readonly at: Date;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly instanceId: string;
  readonly invocationId: string | null;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}
/** Something that happened, for people and programs: `type` is dotted, e.g. `instance.started`. */
export interface EventRecord {
  readonly id: string;
  readonly at: Date;
  readonly tenant: string | null;
  readonly type: string;
  readonly function: string | null;
  readonly node: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
export interface MinuteCount {
  readonly functionId: string;
  readonly minute: Date;
  readonly total: number;
  readonly errors: number;
  readonly executeMs: number;
  readonly byKind: Readonly<Record<StartKind, number>>;
  readonly byCause: Readonly<Record<string, number>>;
}
export interface InstanceRecord {
  readonly id: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly node: string;
  readonly state: string;
  readonly kind: StartKind;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly reason: string | null;
}
