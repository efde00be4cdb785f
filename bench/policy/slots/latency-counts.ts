const SHORTEST_SECONDS = 1e-4;
/** Each bin is so much wider than the one before: what is read off is at most this much too long. */
const STEP = Math.log(1.02);
const BINS = 900;

/** How many calls took how long, from 0.1 ms to an hour, in bins of 2 %. */
export class LatencyCounts {
  readonly #bins = new Uint32Array(BINS);
  #total = 0;

  /** @param seconds from 0 */
  add(seconds: number): void {
    const bin =
      seconds > SHORTEST_SECONDS ? Math.min(BINS - 1, Math.ceil(Math.log(seconds / SHORTEST_SECONDS) / STEP)) : 0;
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.#total++;
  }

  merge(other: LatencyCounts): void {
    other.#bins.forEach((count, bin) => (this.#bins[bin] = (this.#bins[bin] as number) + count));
    this.#total += other.#total;
  }

  /** Seconds that a share of the calls did not exceed; 0 without calls. @param share 0 to 1 */
  quantile(share: number): number {
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.#bins[bin] as number;
      if (seen >= share * this.#total) return seen === 0 ? 0 : SHORTEST_SECONDS * Math.exp(bin * STEP);
    }
    return 0;
  }
}
