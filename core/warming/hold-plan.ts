import { edgeOf, GAP_BINS } from './gap-scale';
import type { Hold, Rung } from './warming-policy';

const MOST_RUNGS = 5;
/** Seconds of each bin. */
const WIDTHS = Float64Array.from({ length: GAP_BINS }, (_, bin) => edgeOf(bin + 1) - edgeOf(bin));
/** Reused: plans are made millions of times in a simulation, and numbers side by side are read faster than objects. */
const survival = new Float64Array(GAP_BINS + 1);
const choices = new Uint8Array(GAP_BINS * MOST_RUNGS);
const holdings = new Float64Array(MOST_RUNGS);
const delays = new Float64Array(MOST_RUNGS);
const delayPrices = new Float64Array(MOST_RUNGS);
const later = new Float64Array(MOST_RUNGS);
const spent = new Float64Array(MOST_RUNGS);

/**
 * The rungs to spend a rest on that have the least expected price: over all ways to go up and down at the bins' edges, solved
 * backward from the last (dynamic programming; the first stretch begins on the best rung, where the last call left it).
 *
 * Price of a bin on rung r: holding(r) × the expected seconds that the rest goes on in it + P(it ends in it) × delayPrice(r).
 * Going up from rung q to r takes delaySeconds(q) at holding(r). After the last bin all is let go.
 * @param probabilities of each bin, `GAP_BINS + 1` numbers that sum to 1
 * @param rungs at most five, the readiest first
 */
export function planHolds(probabilities: Float64Array, rungs: readonly Rung[]): Hold[] {
  const count = rungs.length;
  const last = rungs[count - 1];
  if (last === undefined || count > MOST_RUNGS) throw new RangeError(`1 to ${MOST_RUNGS} rungs, not ${count}`);
  survival[0] = 1;
  for (let bin = 0; bin < GAP_BINS; bin++) {
    survival[bin + 1] = Math.max(0, (survival[bin] as number) - (probabilities[bin] as number));
  }
  rungs.forEach(({ holding, delaySeconds, delayPrice }, index) => {
    holdings[index] = holding;
    delays[index] = delaySeconds;
    delayPrices[index] = delayPrice;
  });
  later.fill((survival[GAP_BINS] as number) * last.delayPrice, 0, count);
  for (let bin = GAP_BINS - 1; bin >= 0; bin--) {
    const ends = probabilities[bin] as number;
    const alive = survival[bin] as number;
    const seconds = (WIDTHS[bin] as number) * ((survival[bin + 1] as number) + 0.5 * ends);
    for (let rung = 0; rung < count; rung++) {
      spent[rung] =
        (holdings[rung] as number) * seconds + ends * (delayPrices[rung] as number) + (later[rung] as number);
    }
    // Of rungs that cost the same the lower one: it is certainly not dearer. Going down is free, so that what is best below
    // one rung is best below the next, too.
    let down = count - 1;
    for (let from = count - 1; from >= 0; from--) {
      if ((spent[from] as number) < (spent[down] as number)) down = from;
      let best = down;
      let least = spent[down] as number;
      const climb = (delays[from] as number) * alive;
      for (let up = from - 1; up >= 0; up--) {
        const price = (spent[up] as number) + (holdings[up] as number) * climb;
        if (price < least) {
          least = price;
          best = up;
        }
      }
      choices[bin * MOST_RUNGS + from] = best;
      later[from] = least;
    }
  }
  return holdsOf(rungs);
}

function holdsOf(rungs: readonly Rung[]): Hold[] {
  const holds: Hold[] = [];
  const nothing = rungs.length - 1;
  let rung = 0;
  let since = 0;
  const end = (bin: number): void => {
    if (rung !== nothing && bin > since) {
      holds.push({ from: edgeOf(since), to: edgeOf(bin), rung: (rungs[rung] as Rung).name });
    }
    since = bin;
  };
  for (let bin = 0; bin < GAP_BINS; bin++) {
    const next = choices[bin * MOST_RUNGS + rung] as number;
    if (next === rung) continue;
    end(bin);
    rung = next;
  }
  end(GAP_BINS);
  return holds;
}
