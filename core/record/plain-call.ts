import type { InvocationRecord } from './invocation-record';

/** What `exactMicros` gives for what is not exact. */
export const NOT_EXACT = -1;

/** Is it one of which all but its times and its names is known: hot, answered, and waited for? */
export function isPlain(record: InvocationRecord): boolean {
  const { kind, cause, errorCode, status, attempt, node, startMs, phases } = record;
  if (kind !== 'hot' || cause !== null || errorCode !== null || !(status < 500)) return false;
  if (attempt !== null || node === null || startMs !== 0) return false;
  for (const name in phases) if (name !== 'admit' && name !== 'firstByte' && name !== 'body') return false;
  return true;
}

/** Whole microseconds, where the milliseconds are exactly that. */
export function exactMicros(ms: number | null | undefined): number {
  if (ms === null || ms === undefined) return NOT_EXACT;
  const micros = Math.round(ms * 1000);
  return micros >= 0 && micros / 1000 === ms ? micros : NOT_EXACT;
}

/** Is it one that a column holds? */
export function isCount(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value);
}
