import fc from 'fast-check';
import { binOfGap, edgeOf, GAP_BINS } from '../../../core/warming/gap-scale';
import { planHolds } from '../../../core/warming/hold-plan';
import { holdAfter, type Hold, type Rung } from '../../../core/warming/warming-policy';

const two = (price: number): Rung[] => [
  { name: 'running', holding: 1, delaySeconds: 0, delayPrice: 0 },
  { name: 'nothing', holding: 0, delaySeconds: 2, delayPrice: price },
];
const at = (...gaps: number[]): Float64Array => {
  const probabilities = new Float64Array(GAP_BINS + 1);
  for (const gap of gaps) {
    const bin = binOfGap(gap);
    probabilities[bin] = (probabilities[bin] as number) + 1 / gaps.length;
  }
  return probabilities;
};
/** Expected price of a plan, bin by bin. */
function priceOf(holds: readonly Hold[], probabilities: Float64Array, rungs: readonly Rung[]): number {
  const last = rungs.at(-1) as Rung;
  let alive = 1;
  let total = 0;
  let before = rungs[0] as Rung;
  for (let bin = 0; bin < GAP_BINS; bin++) {
    const [from, to] = [edgeOf(bin), edgeOf(bin + 1)];
    const hold = holdAfter(holds, (from + to) / 2);
    const rung = rungs.find(({ name }) => name === hold?.rung) ?? last;
    const ends = probabilities[bin] as number;
    if (rungs.indexOf(rung) < rungs.indexOf(before)) total += alive * before.delaySeconds * rung.holding;
    total += rung.holding * (to - from) * (alive - ends / 2) + ends * rung.delayPrice;
    alive -= ends;
    before = rung;
  }
  return total + Math.max(0, alive) * last.delayPrice;
}

test('a rest that is cheaper than a start is held, one that is dearer is not', () => {
  expect(planHolds(at(300), two(1_000))).toEqual([{ from: 300, to: 420, rung: 'running' }]);
  expect(planHolds(at(1), two(1_000))).toEqual([{ from: 0, to: 2, rung: 'running' }]);
  expect(planHolds(at(300), two(2))).toEqual([]);
});

test('a timer is let go, and held again shortly before it comes', () => {
  expect(planHolds(at(7_200), two(1_000))).toEqual([{ from: 7_200, to: 7_560, rung: 'running' }]);
});

test('two habits are two holds', () => {
  expect(planHolds(at(30, 40_000), two(5_000))).toEqual([
    { from: 30, to: 45, rung: 'running' },
    { from: 39_600, to: 40_200, rung: 'running' },
  ]);
});

test('goes down the rungs as the rest grows long', () => {
  const rungs: Rung[] = [
    { name: 'running', holding: 1.2, delaySeconds: 0, delayPrice: 0 },
    { name: 'frozen', holding: 1, delaySeconds: 0.003, delayPrice: 3 },
    { name: 'local', holding: 0.2, delaySeconds: 0.02, delayPrice: 20 },
    { name: 'nothing', holding: 0, delaySeconds: 1, delayPrice: 1_000 },
  ];
  const holds = planHolds(at(1, 3, 8, 15, 25, 40, 70, 100, 200, 400, 1_000, 2_000), rungs);
  const order = holds.map(({ rung }) => rungs.findIndex(({ name }) => name === rung));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(holds.map(({ rung }) => rung)).toContain('local');
  expect(holds[0]?.from).toBe(0);
});

test('no plan of one hold is cheaper', () => {
  const gaps = fc.array(fc.double({ min: 1, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      gaps,
      fc.integer({ min: 1, max: 20_000 }),
      fc.nat(GAP_BINS - 1),
      fc.nat(GAP_BINS - 1),
      (all, price, a, b) => {
        const probabilities = at(...all);
        const [from, to] = [edgeOf(Math.min(a, b)), edgeOf(Math.max(a, b) + 1)];
        const best = priceOf(planHolds(probabilities, two(price)), probabilities, two(price));
        const other = priceOf([{ from, to, rung: 'running' }], probabilities, two(price));
        expect(best).toBeLessThanOrEqual(other * (1 + 1e-9));
        expect(best).toBeLessThanOrEqual(price * (1 + 1e-9));
      },
    ),
  );
});

test('wants one to five rungs', () => {
  expect(() => planHolds(at(5), [])).toThrow('1 to 5 rungs');
});
