import { binOfGap, GAP_BINS } from './gap-scale';

const DAY_SECONDS = 86_400;
const DAYS = 7;
/** Each day before yesterday counts so much less than the one after it. */
const FADE = 0.9;
/** The same bin a day later, and each of its neighbours. */
const [SAME, BESIDE] = [0.6, 0.2];
/** Strength of the distribution that it falls back on, in days. */
const STRENGTH = 1;
const MOST_USES = 4_096;

/** What came next at this time of the day, on each of the last seven days. */
export class DailyGaps {
  /** When the slot was used, in seconds, rising. */
  #uses: number[] = [];

  use(at: number): void {
    this.#uses.push(at);
    if (this.#uses.length > 2 * MOST_USES) this.#uses = this.#uses.slice(-MOST_USES);
  }

  /** Writes the probability of each bin of a gap that begins at `at`. @param otherwise the distribution of all gaps */
  fill(at: number, otherwise: Float64Array, probabilities: Float64Array): void {
    probabilities.fill(0);
    let total = 0;
    let weight = 1;
    for (let day = 1; day <= DAYS; day++) {
      const then = at - day * DAY_SECONDS;
      if (then < (this.#uses[0] ?? Infinity)) break;
      const next = this.#nextAfter(then);
      if (next === undefined) break;
      this.#spread(probabilities, binOfGap(next - then), weight);
      total += weight;
      weight *= FADE;
    }
    for (let bin = 0; bin <= GAP_BINS; bin++) {
      probabilities[bin] =
        ((probabilities[bin] as number) + STRENGTH * (otherwise[bin] as number)) / (total + STRENGTH);
    }
  }

  #spread(probabilities: Float64Array, bin: number, weight: number): void {
    const add = (to: number, share: number): void => {
      probabilities[to] = (probabilities[to] as number) + weight * share;
    };
    if (bin === GAP_BINS) {
      add(bin, 1);
      return;
    }
    add(bin, SAME);
    add(Math.min(GAP_BINS - 1, bin + 1), BESIDE);
    add(Math.max(0, bin - 1), BESIDE);
  }

  #nextAfter(moment: number): number | undefined {
    let low = 0;
    let high = this.#uses.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#uses[middle] as number) <= moment) low = middle + 1;
      else high = middle;
    }
    return this.#uses[low];
  }
}
