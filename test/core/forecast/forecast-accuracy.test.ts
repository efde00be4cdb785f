import { forecastAccuracy } from '../../../core/forecast/forecast-accuracy';
import { HORIZON, QUANTILES } from '../../../core/forecast/forecast';

const DAY = 1_440;
const FIRST = 29_000_000;

function made(at: number, value: number) {
  const mean = new Array<number>(HORIZON).fill(value);
  const quantiles = QUANTILES.flatMap((q) => new Array<number>(HORIZON).fill(value * 2 * q));
  const alarms = new Array<boolean>(HORIZON).fill(false);
  return { at, mean, median: mean, quantiles, total: [0, value * HORIZON], alarms };
}

test('measures what has come whole, beside an hour and a day ago', () => {
  const counts = new Float64Array(DAY + 100).fill(2);
  const forecasts = [made(FIRST + DAY, 2), made(FIRST + DAY + 50, 3), made(FIRST + DAY + 95, 9)];
  const accuracy = forecastAccuracy(forecasts, counts, FIRST);
  expect(accuracy).toMatchObject({ forecasts: 2, requests: 200, wape: 0.25, wape10: 0.25, mape10: 0.25, zeroShare: 0 });
  expect(accuracy).toMatchObject({ coverage90: 1, hourAgoWape: 0, dayAgoWape: 0, spikeRecall: null });
  expect(accuracy.rmse).toBeCloseTo(Math.sqrt(0.5));
  expect(accuracy.pinball['0.5']).toBeCloseTo(0.25);
});

test('an anchor that lacks its past is null, and so is all where nothing was forecast', () => {
  expect(forecastAccuracy([made(FIRST + 70, 1)], new Float64Array(90).fill(1), FIRST)).toMatchObject({
    hourAgoWape: 0,
    dayAgoWape: null,
  });
  expect(forecastAccuracy([], new Float64Array(90), FIRST)).toMatchObject({ forecasts: 0, requests: 0, wape: null });
});
