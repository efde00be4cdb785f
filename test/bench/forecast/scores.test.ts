import { QUANTILE_LEVELS, type StepForecast } from '../../../bench/forecast/bench-model';
import { ForecastTable } from '../../../bench/forecast/forecast-table';
import { scoresOf, type Scores } from '../../../bench/forecast/scores';
import { STEPS, testPartOf, type TestPart } from '../../../bench/forecast/test-part';
import { traced } from './traced-counts';

const LENGTH = 480;
const WINDOWS = 16;

function scored(part: TestPart, forecast: (place: number) => StepForecast): Scores {
  const table = new ForecastTable(part);
  for (let place = 0; place < part.bars.length; place++) table.set(place, forecast(place));
  return scoresOf(part, table, [...part.functions.keys()]);
}

const flat = (value: number): Float64Array => new Float64Array(STEPS).fill(value);

test('a constant forecast of two functions, by hand', () => {
  const alternating = Array.from({ length: LENGTH }, (_, minute) => (minute % 2) * 2);
  const part = testPartOf([traced('two', new Array(LENGTH).fill(2)), traced('alternating', alternating)]);
  const scores = scored(part, () => ({ point: flat(1), mean: flat(1.5), total: 12, any: 0.9 }));
  // 160 minutes of 2 and 80 of 2 between zeros: each is missed by 1.
  expect(scores.wape).toBeCloseTo(320 / 480, 12);
  expect(scores.wape10).toBeCloseTo((16 * 8 + 16 * 2) / 480, 12);
  expect(scores.rmse).toBeCloseTo(Math.sqrt((240 * 0.25 + 80 * 2.25) / 320), 12);
  expect(scores.rSquared).toBeCloseTo(1 - 240 / (320 * 0.75), 12);
  // The constant one has no variance; the other is missed by 0.5 and 1.5 about its own mean of 1.
  expect(scores.rSquaredMedian).toBeCloseTo(1 - 1.25, 12);
  // 1 over the least scale, and 1 over 2.
  expect(scores.mase).toBeCloseTo((1_000 + 0.5) / 2, 9);
  expect([scores.mape10, scores.mape10Functions, scores.mape10ZeroShare]).toEqual([(8 / 20 + 2 / 10) / 2, 2, 0]);
  expect(scores.brier).toBeCloseTo(0.01, 12);
  expect([scores.pinball, scores.coverage90]).toEqual([null, null]);
});

test('relative errors are those of busy functions, and of sums that are not zero', () => {
  const idle = Array.from({ length: LENGTH }, (_, minute) => (minute % 20 < 10 ? 2 : 0));
  const part = testPartOf([traced('idle', idle), traced('rare', new Array(LENGTH).fill(0).fill(1, 470))]);
  const scores = scored(part, () => ({ point: flat(1) }));
  expect([scores.mape10, scores.mape10Functions, scores.mape10ZeroShare]).toEqual([0.5, 1, 0.5]);
});

test('a perfect forecast with its quantiles', () => {
  const counts = Array.from({ length: LENGTH }, (_, minute) => (minute * 7) % 5);
  const part = testPartOf([traced('a', counts)]);
  const scores = scored(part, (place) => {
    const point = part.actual.slice(place * STEPS, (place + 1) * STEPS);
    return { point, quantiles: QUANTILE_LEVELS.map(() => point), any: 1 };
  });
  expect(scores).toMatchObject({
    wape: 0,
    wape10: 0,
    mase: 0,
    rmse: 0,
    rSquared: 1,
    pinball: 0,
    coverage90: 1,
    brier: 0,
  });
  expect(scores.correlation).toBeCloseTo(1, 12);
});

test('quantiles that are only sometimes given are not scored', () => {
  const part = testPartOf([traced('a', new Array(LENGTH).fill(1))]);
  const scores = scored(part, (place) => ({
    point: flat(1),
    ...(place > 0 ? { quantiles: QUANTILE_LEVELS.map(() => flat(1)) } : {}),
  }));
  expect(scores.coverage90).toBeNull();
});

test('spikes: within one step is found, alarms of its own or by the point', () => {
  const counts = new Array<number>(LENGTH).fill(0);
  for (let window = 0; window < WINDOWS; window++) counts[320 + window * STEPS + 4] = 9;
  const part = testPartOf([traced('a', counts)]);
  const at = (step: number): Float64Array => flat(0).fill(9, step, step + 1);
  const by = (forecast: StepForecast): unknown => {
    const { spikeRecall, spikePrecision, falseAlarms } = scored(part, () => forecast);
    return [spikeRecall, spikePrecision, falseAlarms];
  };
  expect(by({ point: at(5) })).toEqual([1, 1, 0]);
  expect(by({ point: at(7) })).toEqual([0, 0, 0.1]);
  expect(by({ point: flat(0) })).toEqual([0, null, 0]);
  const alarms = Array.from({ length: STEPS }, (_, step) => step === 3 || step === 9);
  expect(by({ point: flat(0), alarms })).toEqual([1, 0.5, 0.1]);
});

test('a steady function forecast up to rounding is not full of alarms', () => {
  const part = testPartOf([traced('a', new Array(LENGTH).fill(3))]);
  expect(scored(part, () => ({ point: flat(3 * (1 + Number.EPSILON)) })).spikePrecision).toBeNull();
});
