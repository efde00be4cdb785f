/**
 * Tells a queue that only smooths a burst from one that stands: it stands when for a whole interval nobody got through in
 * less than the target (the detector of CoDel, RFC 8289 §5.1). A short burst empties in time and never counts.
 */
export class QueueDelay {
  /** Since when nobody came through in time; null: somebody has. */
  #slowSince: number | null = null;

  /**
   * @param targetMs a wait that is no sign of trouble
   * @param intervalMs how long every wait must have been longer
   */
  constructor(
    private readonly targetMs: number,
    private readonly intervalMs: number,
  ) {}

  /** Somebody has left the queue after so long a wait, or it has become empty (0). */
  observe(waitedMs: number, now: number): void {
    if (waitedMs < this.targetMs) this.#slowSince = null;
    else this.#slowSince ??= now;
  }

  /**
   * Is the queue to be kept from growing?
   * @param oldestSince when the one who waits longest began to; undefined: nobody waits
   */
  stands(oldestSince: number | undefined, now: number): boolean {
    if (oldestSince === undefined) return false;
    // Where nobody gets through at all there is nothing to observe but the age of the first.
    const stuckSince = oldestSince + this.targetMs;
    const since = Math.min(this.#slowSince ?? Number.POSITIVE_INFINITY, stuckSince);
    return now - since >= this.intervalMs;
  }
}
