import * as fc from 'fast-check';
import { mergedLooks, NO_LOOKS, quantileOfLooks, withLook } from '../../../../core/cost/advice/memory-looks';

const bytes = fc.integer({ min: 1, max: 2 ** 40 });
const looksOf = (seen: readonly number[]) => seen.reduce((looks, each) => withLook(looks, each), NO_LOOKS);

it('gives quantiles at most a bin too high, and never above the peak', () => {
  fc.assert(
    fc.property(
      fc.array(bytes, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (seen, share) => {
        const sorted = [...seen].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] as number;
        const read = quantileOfLooks(looksOf(seen), share);
        expect(read).toBeGreaterThanOrEqual(Math.min(exact, sorted.at(-1) as number) * (1 - 1e-6));
        expect(read).toBeLessThanOrEqual(Math.max(2 ** 20, exact * 1.0906));
        expect(read).toBeLessThanOrEqual(sorted.at(-1) as number);
      },
    ),
  );
});

it('is the same, looked at together or apart', () => {
  fc.assert(
    fc.property(fc.array(bytes), fc.array(bytes), (one, other) => {
      expect(mergedLooks(looksOf(one), looksOf(other))).toEqual(looksOf([...one, ...other]));
    }),
  );
});

it('takes the driver’s own peak where it is higher', () => {
  expect(withLook(NO_LOOKS, 5e6, 9e6)).toMatchObject({ samples: 1, peakBytes: 9e6 });
  expect(quantileOfLooks(NO_LOOKS, 0.99)).toBe(0);
});
