import type { InvocationRecord } from '../../drivers/store/store';
import type { StartCause, StartKind } from '../../core/start/start';
import type { CallingFunction } from '../invocation/caller-marks';

/** What is known of an invocation while it runs. Moments are milliseconds of `performance.now()`; null: not reached. */
export interface InvocationProgress {
  readonly id: string;
  readonly at: Date;
  readonly arrivedAt: number;
  readonly method: string;
  readonly path: string;
  readonly traceId: string | null;
  /** Which of the tenant's functions calls; null where somebody else does. */
  readonly caller: CallingFunction | null;
  /** Where the user is who calls; null where none does. */
  readonly userRegion: string | null;
  /** Where the function stands that calls; null: the platform itself calls. Undefined: a user does. */
  readonly callerRegion: string | null | undefined;
  /** The caller is known and may call. */
  admittedAt: number | null;
  /** An instance is here. */
  grantedAt: number | null;
  /** The request is on its way to the instance (its last try). */
  sentAt: number | null;
  /** The answer's head is here. */
  headAt: number | null;
  kind: StartKind | null;
  cause: StartCause | null;
  /** Of the start that brought the instance; zeros for a hot one. */
  agentQueueMs: number;
  sandboxMs: number;
  readyMs: number;
  node: string | null;
  instanceId: string | null;
  /** By what it is priced, as the lease of its instance says. */
  pricing: string | null;
  cpuMicros: number | null;
  bytesIn: number;
  bytesOut: number;
}

/** Milliseconds with three decimals: more is noise, and JSON should not carry it. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** How long the part of a wait was that an instance's start took: one who came late waited for less than all of it. */
export function startMsOf(progress: InvocationProgress, until: number): number {
  const waited = (progress.grantedAt ?? until) - (progress.admittedAt ?? until);
  return Math.min(progress.sandboxMs + progress.readyMs, Math.max(0, waited));
}

/**
 * The record of an invocation that has ended. queue + start + execute is the total: what is not the start and not the
 * function's own time is queue, also the gateway's own work.
 * @param endedAt milliseconds of `performance.now()`
 */
export function invocationRecordOf(
  progress: InvocationProgress,
  end: { readonly endedAt: number; readonly status: number; readonly errorCode: string | null },
  revision: {
    readonly tenant: string;
    readonly functionId: string;
    readonly function: string;
    readonly number: number;
  },
  memoryBytes: number,
): InvocationRecord {
  const { arrivedAt, admittedAt, grantedAt, sentAt, headAt } = progress;
  const totalMs = rounded(end.endedAt - arrivedAt);
  const startMs = rounded(startMsOf(progress, end.endedAt));
  const executeMs = sentAt === null ? 0 : rounded(end.endedAt - sentAt);
  const phases: Record<string, number> = {};
  if (admittedAt !== null) phases['admit'] = rounded(admittedAt - arrivedAt);
  if (admittedAt !== null && grantedAt !== null && progress.kind !== 'hot') {
    phases['wait'] = rounded(grantedAt - admittedAt);
    phases['agentQueue'] = rounded(progress.agentQueueMs);
    phases['sandbox'] = rounded(progress.sandboxMs);
    phases['ready'] = rounded(progress.readyMs);
  }
  if (sentAt !== null && headAt !== null) {
    phases['firstByte'] = rounded(headAt - sentAt);
    phases['body'] = rounded(end.endedAt - headAt);
  }
  return {
    id: progress.id,
    at: progress.at,
    tenant: revision.tenant,
    functionId: revision.functionId,
    function: revision.function,
    revision: revision.number,
    node: progress.node,
    instanceId: progress.instanceId,
    method: progress.method,
    path: progress.path,
    status: end.status,
    errorCode: end.errorCode,
    kind: progress.kind,
    cause: progress.cause,
    queueMs: rounded(Math.max(0, totalMs - startMs - executeMs)),
    startMs,
    executeMs,
    totalMs,
    firstByteMs: headAt === null ? null : rounded(headAt - arrivedAt),
    phases,
    cpuMicros: progress.cpuMicros,
    memoryByteMs: Math.round(memoryBytes * executeMs),
    bytesIn: progress.bytesIn,
    bytesOut: progress.bytesOut,
    traceId: progress.traceId,
    attempt: null,
    userRegion: progress.userRegion,
    callerId: progress.caller?.functionId ?? null,
    caller: progress.caller?.function ?? null,
    pricing: progress.pricing,
  };
}
