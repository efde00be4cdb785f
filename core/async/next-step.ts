import type { ErrorCode } from '../error/platform-error';
import type { AsyncPolicy } from './async-policy';

/** How one try ended, as far as it decides what comes next. */
export interface TryEnd {
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  /** Set when the platform, not the function, made the answer. */
  readonly errorCode: ErrorCode | null;
  /** What the answer asked for with `retry-after`, milliseconds. */
  readonly retryAfterMs: number | null;
}

/** What a try means: over for good, or again because of the function, or again because it was never reached. */
export type Verdict = 'succeeded' | 'failed' | 'retry' | 'postpone';

export type NextStep =
  | { readonly state: 'succeeded' | 'failed' }
  | { readonly state: 'dead'; readonly reason: string }
  | { readonly state: 'waiting'; readonly dueAt: number; readonly failures: number };

/** Tries in all after which even what was never the function's fault is given up: something else is wrong then. */
const MAX_TRIES = 1_000;
/** Nobody waits longer because an answer said so. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

const UNREACHED: ReadonlySet<ErrorCode> = new Set([
  'capacity',
  'unavailable',
  'draining',
  'start_timeout',
  'storage_full',
  'budget_exhausted',
  'budget_queue',
]);
const HOPELESS: ReadonlySet<ErrorCode> = new Set([
  'invalid_argument',
  'payload_too_large',
  'function_not_found',
  'forbidden',
  'unsupported',
]);

/**
 * The verdict on one try. Answers below 500 are the function's last word, but for 408 and 429, which ask to come again;
 * of the platform's own failures those that never reached the function cost it no retry.
 */
export function verdictOf({ status, errorCode }: TryEnd): Verdict {
  if (errorCode !== null) return UNREACHED.has(errorCode) ? 'postpone' : HOPELESS.has(errorCode) ? 'failed' : 'retry';
  if (status === null || status >= 500 || status === 408 || status === 429) return 'retry';
  return status < 400 ? 'succeeded' : 'failed';
}

/**
 * Milliseconds before the next try: doubled for each failure up to the longest, of which between half and all is waited,
 * so that what failed together does not come back together.
 * @param failures 1 or more
 * @param random 0 (inclusive) to 1 (exclusive)
 */
export function backoffMs(
  failures: number,
  policy: Pick<AsyncPolicy, 'firstBackoffMs' | 'maxBackoffMs'>,
  random: number,
): number {
  const full = Math.min(policy.maxBackoffMs, policy.firstBackoffMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(full * (0.5 + random / 2));
}

/**
 * What becomes of an invocation after a try.
 * @param facts `tries` and `failures` count up to and including this try, `failures` only those of the function before
 * it; `now` and `expiresAt` are Unix milliseconds; `random` as in `backoffMs`
 */
export function nextStep(
  end: TryEnd,
  facts: {
    readonly tries: number;
    readonly failures: number;
    readonly policy: AsyncPolicy;
    readonly now: number;
    readonly expiresAt: number;
    readonly random: number;
  },
): NextStep {
  const verdict = verdictOf(end);
  if (verdict === 'succeeded' || verdict === 'failed') return { state: verdict };
  const { policy, now, expiresAt, tries } = facts;
  const failures = facts.failures + (verdict === 'retry' ? 1 : 0);
  if (failures > policy.retries) return { state: 'dead', reason: `it failed ${failures} time(s)` };
  if (tries >= MAX_TRIES) return { state: 'dead', reason: `it was tried ${tries} times` };
  const wait = backoffMs(verdict === 'retry' ? failures : Math.min(tries, 6), policy, facts.random);
  const dueAt = now + Math.max(wait, Math.min(end.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
  if (dueAt >= expiresAt) return { state: 'dead', reason: 'its maximum age came before its next try' };
  return { state: 'waiting', dueAt, failures };
}
