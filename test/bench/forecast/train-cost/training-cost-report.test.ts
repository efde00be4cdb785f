import type { TrainingCost } from '../../../../bench/forecast/train-cost/training-cost';
import { trainingFigures, trainingSection } from '../../../../bench/forecast/train-cost/training-cost-report';

const cost = (functions: number, each: number, shared: number): TrainingCost => ({
  functions,
  seconds: { ARIMA: each * functions, windows: shared, network: shared, calibration: shared, validation: each * functions }, // prettier-ignore
  wallSeconds: 1,
  peakBytes: 100 * 2 ** 20,
  forecastSeconds: 1e-3,
});
const COSTS = [cost(50, 0.1, 2), cost(1_000, 0.1, 8)] as const;

test('the bars are for the first set, the growth is from it to the last', () => {
  const figures = new Map(trainingFigures([...COSTS]).map((each) => [each.name, each]));
  expect(figures.get('forecast.training.50.cpu')).toMatchObject({ value: 16, bar: '≤ 60', holds: true });
  expect(figures.get('forecast.training.50.memory')).toMatchObject({ value: 100, bar: '≤ 1024', holds: true });
  expect(figures.get('forecast.training.1000.cpu')).toMatchObject({ value: 224, bar: null });
  expect(figures.get('forecast.training.growth-to-linear')?.value).toBeCloseTo(224 / 16 / 20, 9);
});

test('very many functions share one network, and are forecast each minute', () => {
  const figures = new Map(trainingFigures([...COSTS]).map((each) => [each.name, each]));
  // 24 s of network and 2,000 s of functions, 600,000 forecasts of a millisecond, of 7,200 s.
  expect(figures.get('forecast.training.10000.share-of-2-cores')?.value).toBeCloseTo((24 + 2_000 + 600) / 7_200, 9);
  expect(trainingSection([...COSTS], 90, 2_880).join('\n')).toContain('together 36 % of 2 cores');
});
