import type { StartCause, StartKind } from '../start/start';

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
  /** Where the user was who called; null where a function of ours did, or the platform itself. */
  readonly userRegion: string | null;
  /** The tenant's function that called, by id and by name; null where somebody else did. */
  readonly callerId: string | null;
  readonly caller: string | null;
  /** By what its cost is reckoned, see `pricingText`; null: it costs nothing, or was recorded before calls had a price. */
  readonly pricing: string | null;
}
