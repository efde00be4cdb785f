import fc from 'fast-check';
import { QUANTILES } from '../../../core/forecast/forecast';
import { compactTarget } from '../../../core/warming/compact-target';
import { functionTarget } from '../../../core/warming/function-target';
import { FunctionTracker } from '../../../core/warming/function-tracker';
import { policyOf } from '../../../core/warming/policies/policy-of';
import { DEFAULT_PRICES, rungsOf } from '../../../core/warming/prices';
import { SteadyPool } from '../../../core/warming/steady-pool';
import type { WarmFunction } from '../../../core/warming/warming-policy';

const MINUTE = 60;
const fn: WarmFunction = {
  id: 'f',
  memoryGb: 0.25,
  rungs: rungsOf({ memoryGb: 0.25, hasCheckpoint: false }, DEFAULT_PRICES, { warm: 0.003, restore: 0.03, cold: 1 }),
  executeSeconds: 0.5,
  concurrency: 1,
  min: 0,
  max: 6,
};

type Call = readonly [at: number, took: number];

/** Instances that the plan wants in each second, decided anew each minute from what had ended by then. */
function wantedBySecond(policy: string, calls: readonly Call[], forecasts: readonly (number | null)[]): number[] {
  const tracker = new FunctionTracker(fn, policyOf(policy).of(fn));
  const pool = new SteadyPool();
  const ended = [...calls].sort((a, b) => a[0] + a[1] - b[0] - b[1]);
  const wanted: number[] = [];
  forecasts.forEach((mean, minute) => {
    const now = minute * MINUTE;
    while (ended[0] && ended[0][0] + ended[0][1] <= now) {
      const [at, took] = ended.shift() as Call;
      tracker.call(at, at + took);
    }
    const forecast = mean === null ? null : { mean: [mean], quantiles: QUANTILES.map(() => [mean]) };
    const options = { horizon: 150, floor: 0, forecast, steady: (asked: number) => pool.next(asked) };
    const { steps } = compactTarget(functionTarget(tracker, now, options), 150);
    for (let second = 0; second < MINUTE; second++) {
      const step = steps.findLast(({ after }) => after <= second);
      wanted.push((step?.running ?? 0) + (step?.frozen ?? 0));
    }
  });
  return wanted;
}

/** Starts and ends that the plan asks for in the minute from a second on. */
function changesFrom(wanted: readonly number[], from: number, seconds: number): number {
  let changes = 0;
  for (let second = Math.max(1, from); second < from + seconds; second++) {
    changes += Math.abs((wanted[second] ?? 0) - (wanted[second - 1] ?? 0));
  }
  return changes;
}

const policies = fc.constantFrom('presage', 'fixed:1m', 'hybrid-histogram:1h', 'seed', 'greedy-dual', 'none');
const call = fc.tuple(fc.double({ min: 0, max: 1_800, noNaN: true }), fc.double({ min: 0, max: 90, noNaN: true }));
const expected = fc.oneof(fc.double({ min: 0, max: 200, noNaN: true }), fc.constantFrom(null, Number.NaN, 1e9, 0));
const forecastsOf = fc.array(expected, { minLength: 30, maxLength: 30 });

test('whatever is called and foretold: in a minute each instance is asked for and let go once at the most, and once more as the decision changes', () => {
  fc.assert(
    fc.property(policies, fc.array(call, { maxLength: 80 }), forecastsOf, (policy, calls, forecasts) => {
      const wanted = wantedBySecond(policy, calls, forecasts);
      expect(Math.max(...wanted)).toBeLessThanOrEqual(fn.max);
      for (let from = 0; from < wanted.length; from += MINUTE) {
        expect(changesFrom(wanted, from, MINUTE)).toBeLessThanOrEqual(3 * fn.max);
      }
    }),
  );
});

test('a forecast that goes to and fro is followed up at once, and down after five decisions', () => {
  fc.assert(
    fc.property(fc.constantFrom('presage', 'seed'), forecastsOf, (policy, forecasts) => {
      const wanted = wantedBySecond(policy, [], forecasts);
      let grown = 0;
      wanted.forEach((count, second) => {
        const before = wanted[second - 1] ?? 0;
        if (count > before) grown = second;
        if (count < before) {
          expect(second - grown).toBeGreaterThanOrEqual(5 * MINUTE);
        }
      });
    }),
  );
});

test('one that is called steadily is neither started nor ended by the plan', () => {
  for (const policy of ['presage', 'fixed:10m', 'hybrid-histogram:4h']) {
    const calls = Array.from({ length: 180 }, (_, index): Call => [index * 10 + 3, 0.5]);
    const wanted = wantedBySecond(
      policy,
      calls,
      Array.from({ length: 30 }, () => 6),
    );
    expect(changesFrom(wanted, 5 * MINUTE, 25 * MINUTE)).toBe(0);
  }
});
