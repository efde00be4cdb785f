import fc from 'fast-check';
import { seedPoolSize } from '../../../core/warming/seed-pool';

test('rate × execution time × buffer, rounded up', () => {
  expect(seedPoolSize({ ratePerSecond: 20, meanExecutionSeconds: 0.2, concurrency: 1, min: 0, max: 10 }, 1.2)).toBe(5);
});

test('never outside min and max, whatever the numbers', () => {
  const anything = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -1, 1e300));
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 5, max: 50 }),
      (ratePerSecond, meanExecutionSeconds, min, max) => {
        const size = seedPoolSize({ ratePerSecond, meanExecutionSeconds, concurrency: 1, min, max }, 1.2);
        expect(Number.isInteger(size) && size >= min && size <= max).toBe(true);
      },
    ),
  );
});
