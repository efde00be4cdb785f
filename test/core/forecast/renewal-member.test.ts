import fc from 'fast-check';
import { renewal } from '../../../core/forecast/renewal-member';

const timer = (period: number, length: number, count = 1): Float64Array =>
  Float64Array.from({ length }, (_, minute) => (minute % period === 0 ? count : 0));

test('a timer’s next tick is seen, at whatever period, and how much it brings', () => {
  const forecast = renewal.forecast(timer(37, 3_000, 4), 37 * 81 - 3, 10);
  expect(forecast[3]).toBeGreaterThan(3.8);
  expect(forecast.reduce((sum, value) => sum + value, 0)).toBeCloseTo(forecast[3] as number, 0);
});

test('several ticks within the horizon are all seen', () => {
  const forecast = renewal.forecast(timer(3, 600), 600, 10);
  [...forecast].forEach((value, step) => expect(value).toBeCloseTo(step % 3 === 0 ? 1 : 0, 1));
});

test('after too few requests it says nothing', () => {
  expect([...renewal.forecast(timer(100, 250), 250, 3)]).toEqual([0, 0, 0]);
  expect([...renewal.forecast([], 0, 2)]).toEqual([0, 0]);
});

test('a pause longer than any before promises little, and is no error', () => {
  const counts = new Float64Array(2_000);
  for (let minute = 0; minute < 500; minute += 5) counts[minute] = 1;
  const forecast = renewal.forecast(counts, 2_000, 10);
  expect([...forecast].every((value) => value >= 0 && value < 0.1)).toBe(true);
});

test('finite and never negative, and never more than an active minute brings at most', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 400 }),
      fc.integer({ min: 1, max: 20 }),
      (counts, horizon) => {
        const forecast = [...renewal.forecast(counts, counts.length, horizon)];
        expect(forecast).toHaveLength(horizon);
        expect(forecast.every((value) => Number.isFinite(value) && value >= 0 && value <= 3)).toBe(true);
      },
    ),
  );
});
