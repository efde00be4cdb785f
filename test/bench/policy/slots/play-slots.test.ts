import { poolOnly } from '../../../../bench/policy/baselines/pool-only';
import { pricedPerSecond } from '../../../../bench/policy/ladder/ladder-prices';
import { playSlots } from '../../../../bench/policy/slots/play-slots';
import { pricedPerStart } from '../../../../bench/policy/slots/slot-function';
import type { SlotOutcome } from '../../../../bench/policy/slots/slot-outcome';
import { fixed } from '../../../../core/warming/policies/fixed';
import { hybridHistogram } from '../../../../core/warming/policies/hybrid-histogram';
import { none } from '../../../../core/warming/policies/none';
import { oracle } from '../../../../core/warming/policies/oracle';
import { presage } from '../../../../core/warming/policies/presage';
import { seed } from '../../../../core/warming/policies/seed';
import type { WarmingPolicy } from '../../../../core/warming/warming-policy';
import { oneSlot, slotOf } from './one-slot';

/** Rests of 29, 99 and 29 seconds, then for ever. */
const FN = oneSlot([10, 40, 140, 170]);
const ALL = { from: 0, to: 300 };

function played(
  policy: WarmingPolicy,
  price = 50,
  scored = ALL,
): Pick<SlotOutcome, 'calls' | 'cold' | 'heldGbSeconds'> {
  const [outcome] = playSlots(FN, policy, pricedPerStart(FN, price), [scored]);
  const { calls = 0, cold = 0, heldGbSeconds = 0 } = outcome ?? {};
  return { calls, cold, heldGbSeconds };
}

test('each policy on a trace that is known by hand', () => {
  expect(played(none)).toEqual({ calls: 4, cold: 4, heldGbSeconds: 0 });
  // Holds 29, 60 of the 99, 29, and 60 after the last.
  expect(played(fixed(60))).toEqual({ calls: 4, cold: 2, heldGbSeconds: 178 });
  // With fewer than two rests, and then without a habit: kept throughout, to the end of what is scored.
  expect(played(hybridHistogram(240))).toEqual({ calls: 4, cold: 1, heldGbSeconds: 29 + 99 + 29 + 129 });
  // Only rests below 50 s are worth it; started just in time, each costs the two seconds of its start.
  const future = (_: string, __: number, after: number): number =>
    FN.slots[0]?.to.find((at) => at >= after) ?? Infinity;
  expect(played(oracle(future, 'keep'))).toEqual({ calls: 4, cold: 2, heldGbSeconds: 58 });
  expect(played(oracle(future, 'start'))).toEqual({ calls: 4, cold: 1, heldGbSeconds: 3 * (2 + 2) });
  // Nothing after the first call; then 1.5 times the median, where 50 saved are more than the 29 or 43.5 s that it costs.
  expect(played(seed())).toEqual({ calls: 4, cold: 4, heldGbSeconds: 43.5 });
});

test('a price of nothing holds nothing, an endless one holds all', () => {
  expect(played(presage, 0)).toEqual({ calls: 4, cold: 4, heldGbSeconds: 0 });
  expect(played(presage, 1e12).cold).toBe(1);
});

test('what lies before or after a stretch is not counted; calls at its end are not in it', () => {
  expect(played(fixed(60), 50, { from: 40, to: 170 })).toEqual({ calls: 2, cold: 1, heldGbSeconds: 60 + 29 });
});

test('pools hold what was never used, minute by minute, and a start before a minute is paid', () => {
  const fn = oneSlot([70, 130], { executeSeconds: 30, counts: Float64Array.from([0, 1, 1, 0]) });
  const calls = (of: typeof fn, minute: number) => ({ mean: [of.counts[minute] as number], quantiles: [] });
  const [outcome] = playSlots(fn, poolOnly(), pricedPerStart(fn, 50), [{ from: 0, to: 240 }], calls);
  // From 60 on for the pool (10 s and 2 of the start), 59 s between the calls, 60 after the second of its own and the pool's.
  expect(outcome).toMatchObject({ calls: 2, cold: 0, heldGbSeconds: 12 + 59 + 60 });
  const [without] = playSlots(fn, poolOnly(), pricedPerStart(fn, 50), [{ from: 0, to: 240 }]);
  expect(without).toMatchObject({ cold: 1 });
});

test('further slots restore from the image that the first one pays for, and only while it does', () => {
  const ladder = { warmSeconds: 0.01, restoreSeconds: 0.1, imageShare: 1, ownShare: 0.5 };
  const fn = oneSlot([10, 1_000], { slots: [slotOf([10, 1_000]), slotOf([20, 500, 1_000.5])] });
  const local = (until: number): WarmingPolicy => ({
    name: 'test',
    of: ({ rungs }) => ({
      slot: () => ({
        release: () => (rungs.at(-1)?.name === 'local' ? [] : [{ from: 0, to: until, rung: 'local' }]),
        use: () => undefined,
      }),
    }),
  });
  const of = (until: number): SlotOutcome | undefined => playSlots(fn, local(until), pricedPerSecond(fn, 1, ladder), [{ from: 0, to: 2_000 }])[0]; // prettier-ignore
  // First slot: from nothing, restored. Further slot: restored while there is an image.
  expect(of(Infinity)).toMatchObject({ calls: 5, cold: 1, heldGbSeconds: 989 + 999 });
  expect(of(Infinity)?.delaySeconds).toBeCloseTo(2 + 4 * 0.1);
  // Gone after 100 s: the calls at 500 and of the first slot at 1000 start from nothing, those beside a call of it do not.
  expect(of(100)).toMatchObject({ calls: 5, cold: 3, heldGbSeconds: 200 });
  expect(of(100)?.delaySeconds).toBeCloseTo(3 * 2 + 2 * 0.1);
});

test('latency is wait and execution', () => {
  const [outcome] = playSlots(FN, fixed(60), pricedPerStart(FN, 50), [ALL]);
  expect(outcome?.latency.quantile(0.5)).toBeCloseTo(1, 1);
  expect(outcome?.latency.quantile(1)).toBeCloseTo(3, 1);
  expect(outcome?.busyGbSeconds).toBe(4);
});
