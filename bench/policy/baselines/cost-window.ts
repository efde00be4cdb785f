import { binOfGap, edgeOf, GAP_BINS } from '../../../core/warming/gap-scale';
import type { Hold, SlotPolicy, WarmFunction, WarmingPolicy } from '../../../core/warming/warming-policy';
import type { SlotFunction } from '../slots/slot-function';

/** Rests that the prior counts for. */
const PRIOR_RESTS = 2;
const LEARNS_FIRST = 24;
const EACH = 8;
/** A window begins at a bin that has at least this share of what an even spread would give it. */
const LEAST_SHARE = 0.5;

/**
 * The baseline `presage` grew from: one window for each rest, the one with the least idle memory-time + price × P(miss), over
 * the bins of all rests so far and a prior that all functions share.
 * @param prior probability of each bin, `GAP_BINS + 1` numbers
 */
export function costWindow(prior: ArrayLike<number>): WarmingPolicy {
  return { name: 'cost-window', of: (fn) => ({ slot: () => new WindowSlot(fn, prior) }) };
}

/** The prior: mean over functions of how the rests of their first slot spread, of those that ended before `until` seconds. */
export function fleetPrior(functions: readonly SlotFunction[], until: number): Float64Array {
  const prior = new Float64Array(GAP_BINS + 1);
  let counted = 0;
  for (const { slots } of functions) {
    const own = new Float64Array(GAP_BINS + 1);
    let rests = 0;
    const [first] = slots;
    for (let rest = 1; first && rest < first.to.length && (first.to[rest] as number) < until; rest++) {
      const bin = binOfGap((first.to[rest] as number) - (first.from[rest] as number));
      own[bin] = (own[bin] as number) + 1;
      rests++;
    }
    if (rests === 0) continue;
    counted++;
    own.forEach((count, bin) => (prior[bin] = (prior[bin] as number) + count / rests));
  }
  return counted === 0 ? prior.fill(1 / prior.length) : prior.map((sum) => sum / counted);
}

class WindowSlot implements SlotPolicy {
  readonly #bins = new Float64Array(GAP_BINS + 1);
  #uses = 0;
  #holds: readonly Hold[] = [];

  constructor(
    private readonly fn: WarmFunction,
    private readonly prior: ArrayLike<number>,
  ) {}

  release(): readonly Hold[] {
    if (this.#uses < LEARNS_FIRST || this.#uses % EACH === 0) this.#holds = this.#plan();
    return this.#holds;
  }

  use(releasedAt: number, at: number): void {
    const bin = binOfGap(at - releasedAt);
    this.#bins[bin] = (this.#bins[bin] as number) + 1;
    this.#uses++;
  }

  /** Price of a window from bin a to bin b = what it costs to begin at a + what b adds to it: the best b serves each a before it. */
  #plan(): readonly Hold[] {
    const rung = this.fn.rungs[0];
    const last = this.fn.rungs.at(-1);
    if (!rung || !last) return [];
    const probability = (bin: number): number =>
      ((this.#bins[bin] as number) + PRIOR_RESTS * (this.prior[bin] as number)) / (this.#uses + PRIOR_RESTS);
    const miss = last.delayPrice / rung.holding;
    // Up to each bin: chance that the rest goes on, idle seconds if held throughout, chance that it has ended.
    const alive = new Float64Array(GAP_BINS + 1).fill(1);
    const idle = new Float64Array(GAP_BINS + 1);
    const ended = new Float64Array(GAP_BINS + 1);
    for (let bin = 0; bin < GAP_BINS; bin++) {
      const ends = probability(bin);
      alive[bin + 1] = Math.max(0, (alive[bin] as number) - ends);
      idle[bin + 1] =
        (idle[bin] as number) + (edgeOf(bin + 1) - edgeOf(bin)) * ((alive[bin + 1] as number) + 0.5 * ends);
      ended[bin + 1] = (ended[bin] as number) + ends;
    }
    let [best, from, to] = [miss, 0, 0];
    let end = GAP_BINS;
    const upTo = (bin: number): number => (idle[bin] as number) - miss * (ended[bin] as number);
    for (let begin = GAP_BINS - 1; begin >= 0; begin--) {
      if (upTo(begin + 1) < upTo(end)) end = begin + 1;
      const here = alive[begin] as number;
      if (begin > 0 && probability(begin) < (LEAST_SHARE * here) / (GAP_BINS - begin + 1)) continue;
      const start = begin > 0 ? last.delaySeconds * here : 0;
      const price = start + miss + upTo(end) - upTo(begin);
      if (price < best) [best, from, to] = [price, begin, end];
    }
    return to > from ? [{ from: edgeOf(from), to: edgeOf(to), rung: rung.name }] : [];
  }
}
