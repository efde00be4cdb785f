import type { StartPhases } from './start';

/** Moments on one monotonic clock, in milliseconds. */
export interface StartMoments {
  /** The start was begun; its sandbox ran; it listened. */
  readonly begun: number;
  readonly running: number;
  readonly ready: number;
}

/**
 * The part of a start that one waiter saw: it may have come when the start was already under way. The sum of the phases
 * is `served - since` exactly; time outside the start (before it, or between readiness and service) is queueing.
 */
export function phasesSeen(since: number, served: number, start: StartMoments | null): StartPhases {
  const total = Math.max(0, served - since);
  if (!start) return { queueMs: total, sandboxMs: 0, readyMs: 0 };
  const seen = (from: number, to: number): number => Math.max(0, Math.min(to, served) - Math.max(from, since));
  const sandboxMs = seen(start.begun, start.running);
  const readyMs = seen(start.running, start.ready);
  return { queueMs: Math.max(0, total - sandboxMs - readyMs), sandboxMs, readyMs };
}
