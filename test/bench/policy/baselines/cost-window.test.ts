import fc from 'fast-check';
import { costWindow, fleetPrior } from '../../../../bench/policy/baselines/cost-window';
import { pricedPerStart } from '../../../../bench/policy/slots/slot-function';
import { binOfGap, edgeOf, GAP_BINS } from '../../../../core/warming/gap-scale';
import { oneSlot } from '../slots/one-slot';

const FN = oneSlot([]);
const FLAT = new Float64Array(GAP_BINS + 1).fill(1 / (GAP_BINS + 1));

/** Least price over all windows, tried one by one. */
function leastPrice(rests: readonly number[], miss: number): number {
  const probability = new Float64Array(GAP_BINS + 1);
  for (let bin = 0; bin <= GAP_BINS; bin++) {
    probability[bin] = (rests.filter((rest) => binOfGap(rest) === bin).length + 2 * (FLAT[bin] as number)) / (rests.length + 2); // prettier-ignore
  }
  let least = miss;
  let before = 1;
  for (let begin = 0; begin < GAP_BINS; begin++) {
    const share = probability[begin] as number;
    if (begin === 0 || share >= (0.5 * before) / (GAP_BINS - begin + 1)) {
      let price = begin > 0 ? FN.coldSeconds * before : 0;
      let [alive, hit] = [before, 0];
      for (let bin = begin; bin < GAP_BINS; bin++) {
        const ends = probability[bin] as number;
        price += (edgeOf(bin + 1) - edgeOf(bin)) * (Math.max(0, alive - ends) + 0.5 * ends);
        alive = Math.max(0, alive - ends);
        hit += ends;
        least = Math.min(least, price + miss * (1 - hit));
      }
    }
    before = Math.max(0, before - share);
  }
  return least;
}

/** Of the window that the policy chose. */
function priceOf(rests: readonly number[], miss: number, from: number, to: number): number {
  let [price, alive, hit] = [0, 1, 0];
  for (let bin = 0; bin < GAP_BINS; bin++) {
    const ends = (rests.filter((rest) => binOfGap(rest) === bin).length + 2 * (FLAT[bin] as number)) / (rests.length + 2); // prettier-ignore
    if (edgeOf(bin) === from && from > 0) price += FN.coldSeconds * alive;
    if (edgeOf(bin) >= from && edgeOf(bin) < to) {
      price += (edgeOf(bin + 1) - edgeOf(bin)) * (Math.max(0, alive - ends) + 0.5 * ends);
      hit += ends;
    }
    alive = Math.max(0, alive - ends);
  }
  return price + miss * (1 - hit);
}

test('the window is the cheapest of all', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { maxLength: 12 }),
      fc.double({ min: 1, max: 5_000, noNaN: true }),
      (rests, miss) => {
        const slot = costWindow(FLAT).of(pricedPerStart(FN, miss).first).slot(0);
        for (const rest of rests) slot.use(0, rest);
        const [hold = { from: 0, to: 0 }] = slot.release(0);
        const chosen = priceOf(rests, miss, hold.from, hold.to);
        expect(Math.abs(chosen - leastPrice(rests, miss))).toBeLessThan(1e-6 * miss);
      },
    ),
    { numRuns: 40 },
  );
});

test('the prior weighs functions alike and knows nothing of what comes later', () => {
  const often = oneSlot([0, 31, 62, 93]);
  const once = oneSlot([0, 7_000]);
  const prior = fleetPrior([often, once, oneSlot([5])], 8_000);
  expect(prior[binOfGap(30)]).toBe(0.5);
  expect(prior[binOfGap(6_999)]).toBe(0.5);
  expect(fleetPrior([often, once], 100)[binOfGap(30)]).toBe(1);
  expect(fleetPrior([], 0)[0]).toBeCloseTo(1 / (GAP_BINS + 1));
});
