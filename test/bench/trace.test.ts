import fc from 'fast-check';
import { quantile } from '../../bench/harness/statistics';
import { seededRandom } from '../../core/random/seeded-random';
import { outcomeLines } from '../../bench/replay/outcome';
import { arrivalsOf, loadTrace, pickFunctions } from '../../bench/replay/trace';

test('the shipped slice loads and gives functions of every pattern', () => {
  const picked = pickFunctions(loadTrace('azure12d'), 20, 600, 10);
  expect(picked).toHaveLength(20);
  expect(new Set(picked.map((item) => item.pattern)).size).toBeGreaterThan(4);
});

test('an unknown trace is refused with the names there are', () => {
  expect(() => loadTrace('nowhere')).toThrow(/azure12d/);
});

test('arrivals: as many as counted, in order, inside the window, and the same for the same seed', () => {
  const item = { id: 'a', pattern: 'p', executeMs: 1, counts: [3, 0, 8, 1] };
  const make = () => arrivalsOf([item], 0, 4, 6, seededRandom(7));
  const arrivals = make();
  expect(arrivals).toHaveLength(12);
  expect(arrivals.every(({ at }, index) => at >= (arrivals[index - 1]?.at ?? 0) && at < 40_000)).toBe(true);
  expect(make()).toEqual(arrivals);
});

test('quantiles lie between the least and the greatest sample', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (samples, q) => {
        const value = quantile(samples, q);
        expect(value).toBeGreaterThanOrEqual(Math.min(...samples) - 1e-6);
        expect(value).toBeLessThanOrEqual(Math.max(...samples) + 1e-6);
      },
    ),
  );
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});

test('shares of kinds sum to one and errors are named', () => {
  const one = { function: 'f', at: 1, status: 200, firstByteMs: 12, executeMs: 10, error: null };
  const lines = outcomeLines([
    { ...one, kind: 'hot', cause: null },
    { ...one, kind: 'restore', cause: 'expired' },
    { ...one, status: 503, kind: null, cause: null, error: '503 capacity' },
  ]).join('\n');
  expect(lines).toMatch(/hot +50.00 %/);
  expect(lines).toMatch(/expired +100.00 %/);
  expect(lines).toContain('errors: 1 of 3');
  expect(lines).toContain('503 capacity: 1');
});
