import fc from 'fast-check';
import { planPools, type FunctionTraffic } from '../../../core/warming/pool-plan';
import { seedPoolSize } from '../../../core/warming/seed-pool';

const traffic: FunctionTraffic = {
  functionId: 'f',
  tenant: 't',
  function: 'fn',
  revision: 1,
  revisionId: 'r',
  requests: 0,
  executeMs: 0,
  concurrency: 1,
  min: 0,
  max: 10,
  keepAliveMs: 1000,
};

test('rate × execution time × buffer, rounded up', () => {
  expect(seedPoolSize({ ratePerSecond: 20, meanExecutionSeconds: 0.2, concurrency: 1, min: 0, max: 10 }, 1.2)).toBe(5);
  expect(planPools([{ ...traffic, requests: 6000, executeMs: 6000 * 200 }], 300, 1.2)[0]).toMatchObject({
    frozen: 5,
    expectedRate: 20,
  });
});

test('no traffic holds the floor and nothing more', () => {
  expect(planPools([{ ...traffic, min: 2 }], 300, 1.2)[0]).toMatchObject({ frozen: 2, expectedRate: 0 });
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
