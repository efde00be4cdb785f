import { edgeOf, GAP_BINS } from './gap-scale';
import type { Hold, Rung } from './warming-policy';

const MOST_RUNGS = 5;
/** Reused: plans are made millions of times in a simulation. */
const survival = new Float64Array(GAP_BINS + 1);
const choices = new Uint8Array(GAP_BINS * MOST_RUNGS);
let now = new Float64Array(MOST_RUNGS);
let later = new Float64Array(MOST_RUNGS);
const spent = new Float64Array(MOST_RUNGS);
const holding = new Float64Array(MOST_RUNGS);
const delay = new Float64Array(MOST_RUNGS);
const delayPrice = new Float64Array(MOST_RUNGS);

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
  rungs.forEach((rung, index) => {
    holding[index] = rung.holding;
    delay[index] = rung.delaySeconds;
    delayPrice[index] = rung.delayPrice;
  });
  later.fill((survival[GAP_BINS] as number) * last.delayPrice, 0, count);
  for (let bin = GAP_BINS - 1; bin >= 0; bin--) {
    const ends = probabilities[bin] as number;
    const alive = survival[bin] as number;
    const seconds = (edgeOf(bin + 1) - edgeOf(bin)) * ((survival[bin + 1] as number) + 0.5 * ends);
    for (let to = 0; to < count; to++) {
      spent[to] = (holding[to] as number) * seconds + ends * (delayPrice[to] as number) + (later[to] as number);
    }
    for (let from = 0; from < count; from++) {
      const climb = (delay[from] as number) * alive;
      let best = from;
      let least = spent[from] as number;
      for (let to = 0; to < count; to++) {
        const price = (spent[to] as number) + (to < from ? (holding[to] as number) * climb : 0);
        // Of two that cost the same the lower one: it is certainly not dearer.
        if (price < least || (price === least && to > best)) {
          least = price;
          best = to;
        }
      }
      choices[bin * MOST_RUNGS + from] = best;
      now[from] = least;
    }
    [now, later] = [later, now];
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
