import { QUANTILES } from '../../../core/forecast/forecast';
import { forecastAhead, type StoredForecast } from '../../../core/warming/forecast-ahead';

const mean = [1, 5, 2, 0, 0, 0, 0, 0, 0, 7];
const stored = (change: Partial<StoredForecast> = {}): StoredForecast => ({
  minute: 100,
  mean,
  quantiles: QUANTILES.flatMap((_, level) => mean.map((value) => value + level)),
  ...change,
});

test('begins with the worse of this minute and the next one', () => {
  expect(forecastAhead(stored(), 100)?.mean).toEqual([5, ...mean.slice(1)]);
  expect(forecastAhead(stored(), 101)).toMatchObject({ mean: [5, 2, 0, 0, 0, 0, 0, 0, 7] });
  expect(forecastAhead(stored(), 102)?.quantiles[2]?.slice(0, 3)).toEqual([4, 2, 2]);
  expect(forecastAhead(stored(), 109)?.mean).toEqual([7]);
});

test('says nothing of minutes that it does not reach, or where there is none', () => {
  expect(forecastAhead(stored(), 110)).toBeNull();
  expect(forecastAhead(stored(), 99)).toBeNull();
  expect(forecastAhead(null, 100)).toBeNull();
});

test.each([Number.NaN, -1, 1e9, Infinity])('is not believed with %p in it', (absurd) => {
  expect(forecastAhead(stored({ mean: [absurd, ...mean.slice(1)] }), 100)).toBeNull();
  expect(forecastAhead(stored({ quantiles: [...stored().quantiles.slice(1), absurd] }), 100)).toBeNull();
  expect(forecastAhead(stored({ quantiles: [1] }), 100)).toBeNull();
});
