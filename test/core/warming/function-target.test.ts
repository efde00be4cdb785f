import fc from 'fast-check';
import { functionTarget } from '../../../core/warming/function-target';
import { FunctionTracker } from '../../../core/warming/function-tracker';
import { fixed } from '../../../core/warming/policies/fixed';
import { presage } from '../../../core/warming/policies/presage';
import type { Hold, WarmFunction, WarmingPolicy } from '../../../core/warming/warming-policy';

const fn: WarmFunction = {
  id: 'f',
  memoryGb: 1,
  rungs: [
    { name: 'frozen', holding: 1, delaySeconds: 0.003, delayPrice: 0 },
    { name: 'nothing', holding: 0, delaySeconds: 2, delayPrice: 500 },
  ],
  executeSeconds: 1,
  concurrency: 1,
  min: 0,
  max: 5,
};
const tracked = (policy: WarmingPolicy, of: WarmFunction = fn): FunctionTracker =>
  new FunctionTracker(of, policy.of(of));
const holding = (...holds: Hold[]): WarmingPolicy => ({
  name: 'given',
  of: () => ({ slot: () => ({ release: () => holds, use: () => undefined }) }),
});
const none = { horizon: 150, floor: 0, forecast: null };

describe('a tracker', () => {
  it('lays calls out over the lowest free slots, with as many on each as it serves at once', () => {
    const tracker = tracked(fixed(600), { ...fn, concurrency: 2 });
    for (const end of [15, 16, 17]) tracker.call(10, end);
    expect(tracker.views().map(({ restsSince }) => restsSince)).toEqual([16, 17]);
    tracker.call(30, 31);
    expect(tracker.views().map(({ restsSince }) => restsSince)).toEqual([31, 17]);
  });

  it('has never more slots than the function may have instances', () => {
    const tracker = tracked(fixed(600));
    for (let call = 0; call < 50; call++) tracker.call(10, 20 + call);
    expect(tracker.size).toBe(5);
  });

  it('takes what is told late, and what is no time at all', () => {
    const tracker = tracked(presage);
    tracker.call(100, 101);
    tracker.call(50, 51);
    tracker.call(Number.NaN, 3);
    tracker.call(200, 150);
    expect(tracker.views().map(({ restsSince }) => restsSince)).toEqual([200, 51]);
  });
});

describe('a target', () => {
  it('holds each slot for what is left of its hold, and lets instances rest as long as the policy says', () => {
    const tracker = tracked(fixed(600));
    tracker.call(0, 10);
    tracker.call(5, 20);
    expect(functionTarget(tracker, 110, none)).toMatchObject({
      steps: [
        { after: 0, running: 0, frozen: 2 },
        { after: 500, running: 0, frozen: 1 },
        { after: 510, running: 0, frozen: 0 },
      ],
      keepAlive: [600, 600, 600],
      pool: 0,
    });
  });

  it('begins a hold so much earlier that the instance is there, and joins holds with a short pause between', () => {
    const late = { from: 300, to: 400, rung: 'frozen' } as const;
    const tracker = tracked(holding(late, { from: 430, to: 500, rung: 'frozen' }));
    tracker.call(0, 0);
    expect(functionTarget(tracker, 200, { ...none, horizon: 300 })).toMatchObject({
      steps: [
        { after: 0, frozen: 0 },
        { after: 98, frozen: 1 },
        { after: 300, frozen: 0 },
      ],
      keepAlive: [0, 0],
    });
    expect(functionTarget(tracker, 100, none).steps).toEqual([{ after: 0, running: 0, frozen: 0 }]);
  });

  it('keeps what is in use, and what is to run running', () => {
    const tracker = tracked(holding({ from: 0, to: 60, rung: 'running' }));
    tracker.call(0, 100);
    expect(functionTarget(tracker, 90, none).steps).toEqual([
      { after: 0, running: 0, frozen: 1 },
      { after: 10, running: 1, frozen: 0 },
      { after: 70, running: 0, frozen: 0 },
    ]);
  });

  it('of one that goes down a rung, or up again, is one instance throughout', () => {
    const down = holding({ from: 0, to: 60, rung: 'running' }, { from: 60, to: 300, rung: 'frozen' });
    const tracker = tracked(down);
    tracker.call(0, 0);
    expect(functionTarget(tracker, 10, none).steps).toEqual([
      { after: 0, running: 1, frozen: 0 },
      { after: 50, running: 0, frozen: 1 },
      { after: 290, running: 0, frozen: 0 },
    ]);
    const up = holding({ from: 0, to: 60, rung: 'frozen' }, { from: 61, to: 90, rung: 'running' });
    const other = tracked(up);
    other.call(0, 0);
    expect(functionTarget(other, 10, none).steps).toEqual([
      { after: 0, running: 0, frozen: 1 },
      { after: 50, running: 1, frozen: 0 },
      { after: 80, running: 0, frozen: 0 },
    ]);
  });

  it('is at least the floor and at most the maximum', () => {
    const tracker = tracked(fixed(600), { ...fn, min: 1 });
    expect(functionTarget(tracker, 5, none).steps).toEqual([{ after: 0, running: 0, frozen: 1 }]);
    expect(functionTarget(tracker, 5, { ...none, floor: 99 }).steps).toEqual([{ after: 0, running: 0, frozen: 5 }]);
  });

  it('whatever came: steps rise, nothing exceeds the maximum, keep-alives do not rise, changes are few', () => {
    const calls = fc.array(
      fc.tuple(fc.double({ min: 0, max: 4_000, noNaN: true }), fc.double({ min: 0, max: 90, noNaN: true })),
      {
        maxLength: 60,
      },
    );
    const expected = fc.oneof(fc.constant(Number.NaN), fc.constant(1e9), fc.double({ min: 0, max: 100, noNaN: true }));
    fc.assert(
      fc.property(calls, expected, fc.nat(9), fc.constantFrom(presage, fixed(300)), (all, mean, floor, policy) => {
        const tracker = tracked(policy);
        for (const [at, took] of all.sort((a, b) => a[0] - b[0])) tracker.call(at, at + took);
        const forecast = { mean: [mean], quantiles: Array.from({ length: 8 }, () => [mean]) };
        const { steps, keepAlive } = functionTarget(tracker, 4_100, { horizon: 150, floor, forecast });
        expect(steps[0]?.after).toBe(0);
        steps.forEach(({ after, running, frozen }, index) => {
          expect(after > (steps[index - 1]?.after ?? -1)).toBe(true);
          expect(running + frozen).toBeLessThanOrEqual(fn.max);
          expect(running + frozen).toBeGreaterThanOrEqual(Math.min(fn.max, floor));
        });
        // Each slot is ended at most once and begun at most once in a minute.
        const soon = steps.filter(({ after }) => after > 0 && after <= 60);
        expect(soon.length).toBeLessThanOrEqual(2 * tracker.size);
        expect(keepAlive.every((time, place) => time >= 0 && time <= (keepAlive[place - 1] ?? time))).toBe(true);
      }),
    );
  });
});
