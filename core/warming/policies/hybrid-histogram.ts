import { warmRung, type Hold, type SlotPolicy, type WarmFunction, type WarmingPolicy } from '../warming-policy';

const MINUTE = 60;
const [HEAD, TAIL, MARGIN] = [0.05, 0.99, 0.1];
/** Bins whose counts vary less than this, in units of their mean, show no habit. */
const LEAST_VARIATION = 2;
const FEWEST = 2;
/** Rests out of range above which the histogram is not used, and what is done then with the time that is foretold. */
const MOST_OUTSIDE = 0.5;
const [BEFORE, AROUND] = [0.85, 0.3];
const SMOOTHING = 0.3;

/**
 * "Serverless in the Wild" (Shahrad et al., ATC 2020): a histogram of idle times in bins of a minute; unload after use, load
 * again 10 % before its 5th percentile, keep until 10 % after its 99th. Without a habit, or with fewer than two rests, keep
 * for the whole range. Where half of the rests are longer than the range the paper forecasts with ARIMA; here a smoothed
 * rest takes its place, as the fits that ARIMA needs do not exist for so few rests.
 * @param rangeMinutes of the histogram
 */
export function hybridHistogram(rangeMinutes = 240): WarmingPolicy {
  return {
    name: `hybrid-histogram:${rangeMinutes}m`,
    of: (fn) => ({ slot: () => new HistogramSlot(fn, rangeMinutes) }),
  };
}

class HistogramSlot implements SlotPolicy {
  readonly #bins: Float64Array;
  readonly #rung: Hold['rung'];
  #inside = 0;
  #outside = 0;
  #smoothed = 0;

  constructor(
    fn: WarmFunction,
    private readonly range: number,
  ) {
    this.#bins = new Float64Array(range);
    this.#rung = warmRung(fn).name;
  }

  release(): readonly Hold[] {
    const { from, seconds } = this.#window();
    return seconds > 0 ? [{ from, to: from + seconds, rung: this.#rung }] : [];
  }

  use(releasedAt: number, at: number): void {
    const rest = Math.max(0, at - releasedAt);
    const bin = Math.floor(rest / MINUTE);
    if (bin < this.range) {
      this.#bins[bin] = (this.#bins[bin] as number) + 1;
      this.#inside++;
    } else this.#outside++;
    this.#smoothed = this.#smoothed === 0 ? rest : (1 - SMOOTHING) * this.#smoothed + SMOOTHING * rest;
  }

  #window(): { from: number; seconds: number } {
    const whole = { from: 0, seconds: this.range * MINUTE };
    const rests = this.#inside + this.#outside;
    if (rests < FEWEST) return whole;
    if (this.#outside >= MOST_OUTSIDE * rests) {
      return { from: BEFORE * this.#smoothed, seconds: AROUND * this.#smoothed };
    }
    const mean = this.#inside / this.range;
    let squares = 0;
    for (const count of this.#bins) squares += (count - mean) ** 2;
    if (Math.sqrt(squares / this.range) / mean < LEAST_VARIATION) return whole;
    let seen = 0;
    let head = -1;
    let tail = this.range;
    for (let bin = 0; bin < this.range; bin++) {
      seen += this.#bins[bin] as number;
      if (head < 0 && seen >= HEAD * this.#inside) head = bin;
      if (seen >= TAIL * this.#inside) {
        tail = bin + 1;
        break;
      }
    }
    const from = head * MINUTE * (1 - MARGIN);
    return { from, seconds: Math.max(MINUTE, tail * MINUTE * (1 + MARGIN) - from) };
  }
}
