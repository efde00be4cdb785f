import fc from 'fast-check';
import {
  correlation,
  coverage,
  mape,
  mase,
  naiveError,
  pinball,
  rmse,
  rSquared,
  totals,
  wape,
} from '../../../core/forecast/accuracy';

const ACTUAL = [0, 2, 4, 6];
const FORECAST = [1, 2, 2, 7];

test('each measure by hand', () => {
  expect(wape(ACTUAL, FORECAST)).toBeCloseTo(4 / 12, 12);
  expect(rmse(ACTUAL, FORECAST)).toBeCloseTo(Math.sqrt(6 / 4), 12);
  expect(rSquared(ACTUAL, FORECAST)).toBeCloseTo(1 - 6 / 20, 12);
  expect(mase(ACTUAL, FORECAST, [1, 3, 3])).toBeCloseTo(1 / 1, 12);
  expect(naiveError([1, 4, 2])).toBe(2.5);
  expect(mape(ACTUAL, FORECAST)).toEqual({ mape: (0 + 2 / 4 + 1 / 6) / 3, zeroShare: 0.25 });
  expect(correlation([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
  expect(correlation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
  expect(pinball([10, 10], [8, 14], 0.9)).toBeCloseTo((0.9 * 2 + 0.1 * 4) / 2, 12);
  expect(coverage([1, 2, 3, 4], [1, 3, 0, 0], [1, 4, 2, 4])).toBe(0.5);
  expect(totals([1, 2, 3, 4, 5], 2)).toEqual([3, 7]);
});

test('what is not defined is null, not infinite', () => {
  expect(wape([0, 0], [1, 1])).toBeNull();
  expect(mape([0, 0], [1, 1])).toEqual({ mape: null, zeroShare: 1 });
  expect(rSquared([3, 3], [3, 3])).toBeNull();
  expect(correlation([3, 3], [1, 2])).toBeNull();
  expect(mase([1], [1], [5, 5, 5])).toBeNull();
  expect([rmse([], []), pinball([], [], 0.5), coverage([], [], []), naiveError([1])]).toEqual([null, null, null, 0]);
  expect(mape([], [])).toEqual({ mape: null, zeroShare: 0 });
});

test('a perfect forecast has no error, and errors do not grow by scaling both', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(counts, counts, fc.integer({ min: 2, max: 50 }), (a, b, factor) => {
      const length = Math.min(a.length, b.length);
      const [actual, forecast] = [a.slice(0, length), b.slice(0, length)];
      const scaled = (series: readonly number[]): number[] => series.map((value) => value * factor);
      expect(wape(actual, actual) ?? 0).toBe(0);
      expect(rSquared(actual, actual) ?? 1).toBe(1);
      expect(wape(scaled(actual), scaled(forecast)) ?? 0).toBeCloseTo(wape(actual, forecast) ?? 0, 9);
      expect(rSquared(scaled(actual), scaled(forecast)) ?? 0).toBeCloseTo(rSquared(actual, forecast) ?? 0, 6);
      expect(pinball(actual, forecast, 0.5)).toBeCloseTo(
        actual.reduce((sum, value, i) => sum + Math.abs(value - (forecast[i] as number)), 0) / length / 2,
        9,
      );
    }),
  );
});
