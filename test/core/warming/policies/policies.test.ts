import { fixed } from '../../../../core/warming/policies/fixed';
import { greedyDual } from '../../../../core/warming/policies/greedy-dual';
import { hybridHistogram } from '../../../../core/warming/policies/hybrid-histogram';
import { none } from '../../../../core/warming/policies/none';
import { oracle } from '../../../../core/warming/policies/oracle';
import { POLICY_NAMES, policyOf } from '../../../../core/warming/policies/policy-of';
import { presage } from '../../../../core/warming/policies/presage';
import { seed } from '../../../../core/warming/policies/seed';
import { QUANTILES } from '../../../../core/forecast/forecast';
import type { Hold, WarmFunction, WarmingPolicy } from '../../../../core/warming/warming-policy';

const fn: WarmFunction = {
  id: 'f',
  memoryGb: 0.5,
  rungs: [
    { name: 'running', holding: 0.5, delaySeconds: 0, delayPrice: 0 },
    { name: 'nothing', holding: 0, delaySeconds: 1, delayPrice: 400 },
  ],
  executeSeconds: 0.5,
  concurrency: 1,
  min: 0,
  max: 8,
};
/** What is held after rests of these lengths, each followed by a use of no length. */
function holdsAfter(policy: WarmingPolicy, rests: readonly number[], of: WarmFunction = fn): readonly Hold[] {
  const slot = policy.of(of).slot(0);
  let now = 1_000;
  for (const rest of rests) {
    slot.release(now);
    slot.use(now, now + rest);
    now += rest;
  }
  return slot.release(now);
}
const forecast = (calls: number) => ({ mean: [calls], quantiles: QUANTILES.map(() => [calls]) });
const poolOf = (policy: WarmingPolicy, calls: number, of: WarmFunction = fn): number | undefined =>
  policy.of(of).pool?.(forecast(calls));

test('none keeps nothing, fixed the same whatever came', () => {
  expect(holdsAfter(none, [5, 5])).toEqual([]);
  expect(holdsAfter(fixed(600), [5, 5_000])).toEqual([{ from: 0, to: 600, rung: 'running' }]);
  expect(holdsAfter(fixed(0), [])).toEqual([]);
});

test('hybrid histogram: the whole range at first, then from before the head to after the tail of a habit', () => {
  const policy = hybridHistogram(240);
  expect(holdsAfter(policy, [60])).toEqual([{ from: 0, to: 14_400, rung: 'running' }]);
  const [hold] = holdsAfter(policy, Array<number>(50).fill(1_815));
  expect(hold?.from).toBeCloseTo(30 * 60 * 0.9);
  expect(hold?.to).toBeCloseTo(31 * 60 * 1.1);
  const [far] = holdsAfter(policy, Array<number>(10).fill(36_000));
  expect([far?.from, far?.to]).toEqual([expect.closeTo(30_600, 0), expect.closeTo(41_400, 0)]);
});

test('greedy dual ranks by uses, start and memory, and what was evicted raises the clock', () => {
  const ranking = greedyDual.ranking?.();
  expect(ranking?.used(fn)).toBe(2);
  expect(ranking?.used(fn)).toBe(4);
  ranking?.evicted(3);
  expect(ranking?.used({ ...fn, id: 'other' })).toBe(5);
});

test('seed: one and a half medians where that pays, else nothing; the pool by Little’s law within min and max', () => {
  expect(holdsAfter(seed(), [100, 100, 100])).toEqual([{ from: 0, to: 150, rung: 'running' }]);
  expect(holdsAfter(seed(), [2_000, 2_000, 2_000])).toEqual([]);
  expect(poolOf(seed(), 240)).toBe(3);
  expect(poolOf(seed(), 0.4)).toBe(0);
  expect(poolOf(seed(), 0.4, { ...fn, min: 2 })).toBe(2);
  expect(poolOf(seed(), 1e9)).toBe(8);
  expect(poolOf(seed(), Number.NaN)).toBe(0);
});

test('presage: holds a habit that pays, lets go of one that does not, and learns a timer', () => {
  const steady = holdsAfter(presage, Array<number>(40).fill(50));
  expect(steady.some(({ from, to }) => from <= 50 && to > 50)).toBe(true);
  const timer = holdsAfter(presage, Array<number>(40).fill(7_300));
  expect(timer.some(({ from, to }) => from > 0 && from <= 7_300 && to > 7_300)).toBe(true);
  const dear = { ...fn, rungs: fn.rungs.map((rung) => ({ ...rung, delayPrice: rung.delayPrice / 400 })) };
  expect(holdsAfter(presage, Array<number>(40).fill(7_300), dear)).toEqual([]);
});

test('presage: as many instances as the forecast makes worth their price; absurd forecasts are none', () => {
  expect(poolOf(presage, 0)).toBe(0);
  const [few, many] = [poolOf(presage, 60) ?? 0, poolOf(presage, 600) ?? 0];
  expect(few).toBeGreaterThanOrEqual(1);
  expect(many).toBeGreaterThan(few);
  expect(poolOf(presage, 1e9)).toBe(8);
  for (const odd of [Number.NaN, -5, Number.POSITIVE_INFINITY]) expect(poolOf(presage, odd)).toBe(0);
  expect(presage.of(fn).pool?.({ mean: [], quantiles: [] })).toBe(0);
});

test('presage: zero execution time and zero memory are no errors', () => {
  const odd = { ...fn, executeSeconds: 0, memoryGb: 0, rungs: fn.rungs.map((rung) => ({ ...rung, holding: 0 })) };
  expect(holdsAfter(presage, [10, 20], odd)[0]).toMatchObject({ from: 0 });
  expect(poolOf(presage, 60, odd)).toBeLessThanOrEqual(8);
});

test('oracle keeps exactly the rests that pay, or starts just in time', () => {
  const next = (rest: number, how: 'keep' | 'start') =>
    oracle((_, __, after) => after + rest, how)
      .of(fn)
      .slot(0)
      .release(7);
  expect(next(799, 'keep')).toEqual([{ from: 0, to: 799, rung: 'running' }]);
  expect(next(801, 'keep')).toEqual([]);
  expect(next(801, 'start')).toEqual([{ from: 800, to: 801, rung: 'running' }]);
  expect(
    oracle(() => Infinity, 'start')
      .of(fn)
      .slot(0)
      .release(7),
  ).toEqual([]);
});

test('policies go by name; what is no policy is refused with the names there are', () => {
  for (const name of POLICY_NAMES) expect(policyOf(name).name.split(':')[0]).toBe(name);
  expect(policyOf('fixed:90s').name).toBe('fixed:90s');
  expect(holdsAfter(policyOf('fixed:90s'), [])).toEqual([{ from: 0, to: 90, rung: 'running' }]);
  expect(() => policyOf('presage:3')).toThrow('choose among none, greedy-dual, presage, seed, fixed[:DURATION]');
  for (const wrong of ['', 'fixed:', 'fixed:0s', 'fixed:x', 'fixed:1s:2', 'fixed:30d', 'toString']) {
    expect(() => policyOf(wrong)).toThrow(/choose among|from 1s to 24h/);
  }
});
