import type { ForecastView } from '../../../console/src/lib/answers';
import { forecastBand, withinBand } from '../../../console/src/pages/function/forecast-band';

const forecast: ForecastView = {
  function: 'pay',
  at: '2026-03-04T05:03:00.000Z',
  modelId: null,
  spoke: 'lag',
  mean: [4, 5],
  median: [4, 5],
  quantiles: { '0.05': [1, 2], '0.95': [9, 10] },
  total: { mean: 9, point: 9, quantiles: {} },
  spike: [0, 0],
  alarms: [false, false],
  members: [],
  features: {},
  trainingWindow: null,
  errorBand: null,
  hourError: null,
  history: {
    from: '2026-03-04T05:00:00.000Z',
    counts: [7, 3, 12],
    expected: [null, { mean: 3, low: 2.4, high: 4.2 }, { mean: 5, low: 2, high: 8 }],
  },
};

test('past minutes show what came and what had been expected, coming ones what is expected', () => {
  const first = Date.parse('2026-03-04T05:00:00.000Z');
  expect(forecastBand(forecast)).toEqual({
    times: [0, 1, 2, 3, 4].map((minute) => first + minute * 60_000),
    actual: [7, 3, 12, null, null],
    mean: [null, 3, 5, 4, 5],
    low: [null, 2.4, 2, 1, 2],
    high: [null, 4.2, 8, 9, 10],
  });
});

test('the share within the band counts whole requests, of minutes that had been forecast', () => {
  expect(withinBand(forecastBand(forecast))).toEqual({ minutes: 2, share: 0.5 });
  const edge = { ...forecast, history: { ...forecast.history, counts: [0, 5, 2] } };
  // 5 is within a band that ends at 4.2: the next whole request above it.
  expect(withinBand(forecastBand(edge)).share).toBe(1);
  const young = { ...forecast, history: { ...forecast.history, expected: [null, null, null] } };
  expect(withinBand(forecastBand(young))).toEqual({ minutes: 0, share: null });
});
