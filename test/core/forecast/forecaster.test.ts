import fc from 'fast-check';
import { UNCALIBRATED } from '../../../core/forecast/calibration';
import { GATED } from '../../../core/forecast/expert-pool';
import { Forecaster } from '../../../core/forecast/forecaster';
import { HORIZON, QUANTILES, type Forecast } from '../../../core/forecast/forecast';
import type { FunctionModel } from '../../../core/forecast/function-model';
import type { NetworkModel } from '../../../core/forecast/network-model';
import { startTraining } from '../../../core/forecast/training/train-epoch';
import { hybridShape } from '../../../core/forecast/window-input';

const shape = hybridShape(GATED.length);
const NETWORK: NetworkModel = {
  shape,
  gated: GATED,
  features: true,
  parameters: startTraining(shape, 1).parameters,
  calibration: UNCALIBRATED,
  epochs: 0,
};
const MODEL: FunctionModel = {
  format: 'presage-function/1',
  arima: { p: 2, d: 0, coefficients: [1.5, -0.2], constant: 0.1, largest: 50, sigma: 1 },
  network: null,
  window: { from: 0, to: 0 },
};

function expectSane(forecast: Forecast): void {
  const numbers = [
    ...forecast.mean,
    ...forecast.median,
    ...forecast.quantiles.flat(),
    ...forecast.spike,
    ...forecast.members.flatMap((member) => [member.weight, ...member.forecast]),
    forecast.total.point,
    forecast.total.mean,
    ...forecast.total.quantiles,
  ];
  for (const number of numbers) {
    expect(Number.isFinite(number)).toBe(true);
    expect(number).toBeGreaterThanOrEqual(0);
  }
  expect(forecast.quantiles).toHaveLength(QUANTILES.length);
  for (let step = 0; step < HORIZON; step++) {
    for (let level = 1; level < QUANTILES.length; level++) {
      expect(forecast.quantiles[level]?.[step]).toBeGreaterThanOrEqual(forecast.quantiles[level - 1]?.[step] as number);
    }
  }
  expect(forecast.members.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  expect(forecast.spoke).toBe(forecast.members[0]?.name);
}

const at = (counts: ArrayLike<number>, firstMinute = 4 * 1_440): Forecast =>
  new Forecaster(MODEL, NETWORK).forecast({ counts, firstMinute }, counts.length);
const minutes = (length: number, count: (minute: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, minute) => count(minute));

test.each([
  ['nothing at all', minutes(0, () => 0)],
  ['one minute', minutes(1, () => 7)],
  ['only zeros', minutes(2_000, () => 0)],
  ['a constant', minutes(2_000, () => 12)],
  ['one request, long ago', minutes(2_000, (minute) => (minute === 500 ? 1 : 0))],
  ['gaps', minutes(2_000, (minute) => (minute % 300 < 40 ? minute % 9 : 0))],
  ['a growth without end', minutes(1_500, (minute) => 1.02 ** minute)],
  ['numbers beyond all reason', minutes(1_500, (minute) => (minute % 3 === 0 ? 1e300 : 1))],
  ['negative numbers', minutes(1_500, (minute) => (minute % 2 === 0 ? -5 : 3))],
  ['no numbers', minutes(1_500, (minute) => (minute % 4 === 0 ? Number.NaN : 2))],
  ['infinite numbers', minutes(1_500, (minute) => (minute % 50 === 0 ? Number.POSITIVE_INFINITY : 2))],
  // A night of 25 hours: the afternoon peak comes an hour late from then on.
  ['daylight saving', minutes(6_000, (minute) => ((minute + (minute > 3_000 ? 60 : 0)) % 1_440 > 1_000 ? 9 : 1))],
])('%s: a sane forecast', (_, counts) => {
  expectSane(at(counts));
  expectSane(new Forecaster(null, null).forecast({ counts, firstMinute: 3 }, counts.length));
});

test('any history: finite, not negative, quantiles in order', () => {
  const count = fc.oneof(fc.nat(20), fc.constantFrom(0, 0, 0, 1e9, -1, Number.NaN));
  fc.assert(
    fc.property(fc.array(count, { maxLength: 400 }), fc.integer({ min: -1e6, max: 1e8 }), (counts, firstMinute) => {
      expectSane(at(counts, firstMinute));
    }),
    { numRuns: 20 },
  );
});

test('a timer is seen: five minutes apart, always', () => {
  const { median } = at(minutes(3_000, (minute) => (minute % 5 === 0 ? 1 : 0)));
  expect(median).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
});

test('what stands at the origin and behind is not read', () => {
  const known = minutes(2_000, (minute) => (minute * 7) % 11);
  const more = minutes(2_500, (minute) => (minute < 2_000 ? (minute * 7) % 11 : 1_000));
  const history = (counts: Float64Array) => ({ counts, firstMinute: 60 });
  expect(new Forecaster(MODEL, NETWORK).forecast(history(more), 2_000)).toEqual(
    new Forecaster(MODEL, NETWORK).forecast(history(known), 2_000),
  );
});

test('asked each minute or once, it has learned the same', () => {
  const counts = minutes(2_000, (minute) => (minute % 7 === 0 ? 3 : minute % 2));
  const history = { counts, firstMinute: 0 };
  const often = new Forecaster(MODEL, NETWORK);
  often.learn(history, 1_960);
  for (let origin = 1_960; origin < 2_000; origin++) often.forecast(history, origin);
  const once = new Forecaster(MODEL, NETWORK);
  once.learn(history, 1_960);
  expect(often.forecast(history, 2_000)).toEqual(once.forecast(history, 2_000));
  expect(() => often.forecast(history, 1_990)).toThrow(RangeError);
});

test('knows nothing: the seed’s weights of ARIMA and LSTM', () => {
  const { members } = at([]);
  const weight = (name: string): number => members.find((member) => member.name === name)?.weight ?? 0;
  expect(weight('lstm') / weight('arima')).toBeCloseTo(7 / 3, 6);
  expect(weight('lstm') + weight('arima')).toBeCloseTo(0.9, 6);
});
