const WINDOW = 100;

/**
 * The shortest turn among the last one to two hundred. What an instance takes for a request when nothing holds it up says
 * what another instance could add; the average would say how crowded the machine is, and call for more of what crowds it.
 */
export class QuickestTurn {
  #current = Number.POSITIVE_INFINITY;
  #previous = Number.POSITIVE_INFINITY;
  #seen = 0;

  /** Milliseconds; null before the first. */
  get ms(): number | null {
    const quickest = Math.min(this.#current, this.#previous);
    return Number.isFinite(quickest) ? quickest : null;
  }

  note(ms: number): void {
    if (++this.#seen > WINDOW) {
      this.#previous = this.#current;
      this.#current = Number.POSITIVE_INFINITY;
      this.#seen = 1;
    }
    if (ms < this.#current) this.#current = ms;
  }
}
