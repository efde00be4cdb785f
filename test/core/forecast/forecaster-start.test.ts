import { Forecaster } from '../../../core/forecast/forecaster';

test('a function that began a minute ago is forecast in each minute from then on', () => {
  for (const firstMinute of [29_000_001, 29_000_009, 29_000_010]) {
    const forecaster = new Forecaster(null, null);
    const counts = new Float64Array(40).fill(2);
    for (let origin = 1; origin < counts.length; origin++) {
      expect(forecaster.forecast({ counts, firstMinute }, origin).mean.every(Number.isFinite)).toBe(true);
    }
  }
});
