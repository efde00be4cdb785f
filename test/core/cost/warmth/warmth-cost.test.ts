import fc from 'fast-check';
import { picoOf } from '../../../../core/cost/money';
import { PRICE_PRESETS } from '../../../../core/cost/price-presets';
import { storageCost } from '../../../../core/cost/storage-cost';
import { GB_SECOND, heldAmount, priceParts } from '../../../../core/cost/warmth/held-amount';
import { warmthCost } from '../../../../core/cost/warmth/warmth-cost';

const lambda = PRICE_PRESETS['aws-lambda'].prices;
const GB_SECOND_BYTE_MS = 10n ** 12n;

test('frozen memory costs its own price, all else that of running memory', () => {
  const held = { runningByteMs: GB_SECOND_BYTE_MS, frozenByteMs: 0n, sharedByteMs: 0n };
  expect(warmthCost(held, lambda)).toBe(16_666_700n);
  expect(warmthCost({ ...held, runningByteMs: 0n, sharedByteMs: GB_SECOND_BYTE_MS }, lambda)).toBe(16_666_700n);
  expect(warmthCost({ ...held, runningByteMs: 0n, frozenByteMs: 2n * GB_SECOND_BYTE_MS }, lambda)).toBe(8_333_400n);
});

test('a gigabyte of checkpoints for 30 days costs its price, and an hour of it the part', () => {
  const month = 10n ** 9n * 2_592_000_000n;
  expect(storageCost(month, lambda.checkpointGbMonth)).toBe(23_000n * 1_000_000n);
  expect(storageCost(month / 720n, lambda.checkpointGbMonth)).toBe(31_944_444n);
});

test('agrees with the amounts of calls wherever those are exact', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 10_000_000 }), (seconds, price) => {
      const microDollars = price / 10_000;
      const amount = heldAmount(BigInt(seconds) * GB_SECOND_BYTE_MS, priceParts(microDollars), GB_SECOND);
      expect(amount).toBe(BigInt(picoOf(seconds, microDollars)));
    }),
  );
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2e9])('%p is no price', (price) => {
  expect(() => warmthCost({ runningByteMs: 1n, frozenByteMs: 0n, sharedByteMs: 0n }, { ...lambda, gbSecondRunning: price })).toThrow(RangeError); // prettier-ignore
});
