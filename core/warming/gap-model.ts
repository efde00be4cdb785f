import { DailyGaps } from './daily-gaps';
import { binOfGap, GAP_BINS } from './gap-scale';
import { GapTree } from './gap-tree';

/** Of what was right before, so much still counts after one more gap. */
const MEMORY = 0.98;
/** No gap says more against a member than this. */
const LEAST_LIKELY = 1e-9;
/** Slots that rest shorter on average have no use for the time of the day. */
const BUSY_SECONDS = 120;
const AVERAGE_KEEPS = 0.9;

const daily = new Float64Array(GAP_BINS + 1);

/**
 * How long a slot will rest: all gaps so far, and what came next at this time on earlier days, weighed by how likely each of
 * them had made the last gaps.
 */
export class GapModel {
  readonly #tree = new GapTree();
  #days: DailyGaps | null = null;
  #average: number | null = null;
  /** How much better the time of the day has foretold, in nats. */
  #advantage = 0;
  /** What either of them had said of the bin that came: set by `fill`. */
  #lastAll: Float64Array | null = null;
  #lastDaily: Float64Array | null = null;

  /** Mean seconds of the last gaps are below two minutes. */
  get busy(): boolean {
    return this.#average !== null && this.#average < BUSY_SECONDS;
  }

  /** Takes in a gap from `from` to `to`, in seconds; a clock that went back counts as no gap at all. */
  add(from: number, to: number): void {
    const gap = Math.max(0, to - from);
    const bin = binOfGap(gap);
    if (this.#lastAll && this.#lastDaily) {
      const likely = (of: Float64Array): number => Math.log(Math.max(LEAST_LIKELY, of[bin] as number));
      this.#advantage = this.#advantage * MEMORY + likely(this.#lastDaily) - likely(this.#lastAll);
    }
    this.#tree.add(bin);
    this.#average = this.#average === null ? gap : AVERAGE_KEEPS * this.#average + (1 - AVERAGE_KEEPS) * gap;
    if (this.busy) {
      this.#lastAll = null;
      this.#lastDaily = null;
    } else (this.#days ??= new DailyGaps()).use(to);
  }

  /** Writes the probability of each bin of a gap that begins at `at`, `GAP_BINS + 1` numbers that sum to 1. */
  fill(at: number, probabilities: Float64Array): void {
    this.#tree.fill(probabilities);
    if (this.busy || !this.#days) return;
    this.#days.fill(at, probabilities, daily);
    (this.#lastAll ??= new Float64Array(GAP_BINS + 1)).set(probabilities);
    (this.#lastDaily ??= new Float64Array(GAP_BINS + 1)).set(daily);
    const share = 1 / (1 + Math.exp(-this.#advantage));
    for (let bin = 0; bin <= GAP_BINS; bin++) {
      const all = probabilities[bin] as number;
      probabilities[bin] = all + share * ((daily[bin] as number) - all);
    }
  }
}
