import fc from 'fast-check';
import { RidgeBlend } from '../../../core/forecast/ridge-blend';

test('says what its prior says until it has learned', () => {
  expect(new RidgeBlend(Float64Array.of(0.5, 0.5, 0)).blend([[2], [4], [100]])[0]).toBeCloseTo(3, 12);
});

test('finds the forecast that is right, and corrects one that is twice too high', () => {
  const right = new RidgeBlend(Float64Array.of(0.5, 0.5));
  const high = new RidgeBlend(Float64Array.of(1, 0));
  for (let i = 0; i < 200; i++) {
    const count = 5 + (i % 7);
    right.learn([count], [[count], [10 - (i % 5)]]);
    high.learn([count], [[2 * count], [0]]);
  }
  // Not quite 9: the pull to the prior is felt.
  expect(right.blend([[9], [6]])[0]).toBeGreaterThan(8);
  expect(high.blend([[20], [0]])[0]).toBeCloseTo(10, 0);
});

test('is finite, not negative, and not far above the largest it was given', () => {
  const value = fc.double({ min: 0, max: 1e9, noNaN: true });
  const row = fc.tuple(value, value, value);
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), row, (past, [a, b]) => {
      const blend = new RidgeBlend(Float64Array.of(0.5, 0.5));
      for (const [actual, first, second] of past) blend.learn([actual], [[first], [second]]);
      const said = blend.blend([[a], [b]])[0] as number;
      expect(said).toBeGreaterThanOrEqual(0);
      expect(said).toBeLessThanOrEqual(1.25 * Math.max(a, b));
    }),
  );
});
