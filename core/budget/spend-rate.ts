interface Seen {
  readonly at: number;
  /** Picodollars up to there, since the first look. */
  readonly sum: number;
}

/** How fast money goes, over the last seconds: batches come in jumps, of which a single one says little. */
export class SpendRate {
  #seen: Seen[] = [];

  /** @param windowMs over which it is reckoned */
  constructor(private readonly windowMs: number) {}

  /**
   * Takes in what was spent since the last look; negative where that had been told too high.
   * @param at Unix milliseconds, rising @param picos exact as a number
   */
  add(at: number, picos: number): void {
    const last = this.#seen.at(-1);
    this.#seen.push({ at, sum: (last?.sum ?? 0) + (last ? picos : 0) });
    // One from before the window stays: the window begins at it.
    while ((this.#seen[1]?.at ?? Infinity) <= at - this.windowMs) this.#seen.shift();
  }

  /** Picodollars a millisecond, from 0; 0 before the second look. */
  get perMs(): number {
    const [first] = this.#seen;
    const last = this.#seen.at(-1);
    if (!first || !last || last.at <= first.at) return 0;
    return Math.max(0, (last.sum - first.sum) / (last.at - first.at));
  }

  /** Nothing of the past says anything any more. */
  forget(): void {
    this.#seen = [];
  }
}
