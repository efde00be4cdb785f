const HALF_LIFE_MS = 3_600_000;

/** Calls a second of late: each counts half as much an hour later. Moments in milliseconds. */
export class RecentRate {
  #calls = 0;
  #at = 0;

  note(at: number): void {
    this.#calls = this.#left(at) + 1;
    this.#at = Math.max(this.#at, at);
  }

  perSecond(now: number): number {
    return (this.#left(now) * Math.LN2 * 1000) / HALF_LIFE_MS;
  }

  #left(now: number): number {
    return this.#calls * 2 ** (-Math.max(0, now - this.#at) / HALF_LIFE_MS);
  }
}
