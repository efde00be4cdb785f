import { GapModel } from '../../../core/warming/gap-model';
import { binOfGap, GAP_BINS } from '../../../core/warming/gap-scale';

const DAY = 86_400;
const around = (model: GapModel, at: number, gap: number): number => {
  const probabilities = new Float64Array(GAP_BINS + 1);
  model.fill(at, probabilities);
  expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
  const bin = binOfGap(gap);
  return [bin - 1, bin, bin + 1].reduce((sum, index) => sum + (probabilities[index] ?? 0), 0);
};

test('what came next at this time of the day is believed once it was right for some days', () => {
  const model = new GapModel();
  const clock = [8 * 3_600, 12 * 3_600, 13 * 3_600, 20 * 3_600];
  let last = 0;
  for (let day = 0; day < 8; day++) {
    for (const second of clock) {
      const at = day * DAY + second;
      around(model, last, 60);
      if (last > 0) model.add(last, at);
      last = at;
    }
  }
  expect(around(model, 8 * DAY + 8 * 3_600, 4 * 3_600)).toBeGreaterThan(0.6);
  expect(around(model, 8 * DAY + 12 * 3_600, 3_600)).toBeGreaterThan(0.6);
});

test('a clock that goes back is a rest of no length, and no error', () => {
  const model = new GapModel();
  model.add(1_000, 500);
  expect(around(model, 400, 0)).toBeGreaterThan(around(new GapModel(), 400, 0));
  expect(model.busy).toBe(true);
});
