import fc from 'fast-check';
import { poissonError, poissonFloor } from '../../../bench/forecast/poisson-floor';
import { testPartOf } from '../../../bench/forecast/test-part';
import { traced } from './traced-counts';

test.each([
  [0.1, 1],
  [1, 0.74],
  [3, 0.45],
  [10, 0.25],
  [100, 0.08],
  [300, 0.046],
  [1_000, 0.025],
  [10_000, 0.008],
])('at a rate of %d the floor is %d of it', (rate, share) => {
  expect(poissonError(rate) / rate).toBeCloseTo(share, 2);
});

test('the error grows with the rate, less than it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 2_000, noNaN: true }), (rate) => {
      expect(poissonError(rate)).toBeLessThanOrEqual(rate * (1 + 1e-9));
      expect(poissonError(rate * 1.5)).toBeGreaterThanOrEqual(poissonError(rate) * 0.99);
    }),
  );
  expect(poissonError(0)).toBe(0);
});

test('a steady function has the floor of its rate, in all and in its class; nothing at all has none', () => {
  const part = testPartOf([traced('a', new Array(480).fill(10), { tier: 'T3' }), traced('b', new Array(480).fill(0))]);
  const { all, tiers } = poissonFloor(part);
  expect(all.wape).toBeCloseTo(poissonError(10) / 10, 9);
  expect(all.wape10).toBeCloseTo(poissonError(100) / 100, 9);
  expect(tiers.get('T3')?.wape).toBeCloseTo(poissonError(10) / 10, 9);
  expect(tiers.get('T2')?.wape).toBeNull();
});
