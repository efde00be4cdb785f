import fc from 'fast-check';
import type { BenchModel, StepForecast, Training } from '../../../bench/forecast/bench-model';
import { MODEL_ROWS } from '../../../bench/forecast/models';
import { STEPS, testPartOf } from '../../../bench/forecast/test-part';
import { walk } from '../../../bench/forecast/walk';
import { traced } from './traced-counts';

const LENGTH = 480;
const names = MODEL_ROWS.map(({ make }) => make().name);

test('each model has its own name', () => {
  expect(new Set(names).size).toBe(names.length);
});

test.each(MODEL_ROWS.map((row, index) => [names[index], row] as const))(
  '%s does not see what comes: another future, the same forecasts until then',
  async (_, { make }) => {
    const counts = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: LENGTH, maxLength: LENGTH });
    await fc.assert(
      fc.asyncProperty(counts, counts, fc.integer({ min: 0, max: 15 }), async (past, future, window) => {
        const part = testPartOf([traced('a', past)]);
        const from = part.origins[window] as number;
        const other = testPartOf([traced('a', [...past.slice(0, from), ...future.slice(from)])]);
        const [one, two] = [(await walk(make(), part)).table, (await walk(make(), other)).table];
        const until = (window + 1) * STEPS;
        expect(one.point.subarray(0, until)).toEqual(two.point.subarray(0, until));
        expect(one.total.subarray(0, window + 1)).toEqual(two.total.subarray(0, window + 1));
        expect(one.alarms.subarray(0, until)).toEqual(two.alarms.subarray(0, until));
      }),
      { numRuns: 3 },
    );
  },
);

test('a model is given the past, in order, and no memory of the future behind it', async () => {
  const counts = Array.from({ length: LENGTH }, (_, minute) => minute + 1);
  const seen: number[] = [];
  const model: BenchModel = {
    name: 'spy',
    prepare: ({ functions }: Training) => {
      expect(functions[0]?.counts).toHaveLength(320);
      expect(functions[0]?.counts.buffer.byteLength).toBe(320 * 8);
    },
    forecast: ([known = []], origin): StepForecast[] => {
      seen.push(origin);
      const view = known as Float64Array;
      expect([...view]).toEqual(counts.slice(0, origin));
      expect(new Float64Array(view.buffer).subarray(origin).every((count) => count === 0)).toBe(true);
      return [{ point: new Float64Array(STEPS) }];
    },
  };
  const { cpuMsPerFunction, bytesPerFunction } = await walk(model, testPartOf([traced('a', counts)]));
  expect(seen).toEqual(Array.from({ length: 16 }, (_, index) => 320 + index * STEPS));
  expect(Math.min(cpuMsPerFunction, bytesPerFunction)).toBeGreaterThanOrEqual(0);
});

test('a forecast that is none is refused with function and minute', async () => {
  const part = testPartOf([traced('a', new Array(LENGTH).fill(1))]);
  const saying = (value: number): BenchModel => ({
    name: 'wild',
    prepare: () => undefined,
    forecast: () => [{ point: new Float64Array(STEPS).fill(value) }],
  });
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY])
    await expect(walk(saying(value), part)).rejects.toThrow(`forecast ${value} for a at minute 320`);
  await expect(walk({ ...saying(1), forecast: () => [] }, part)).rejects.toThrow('wild gave 0 forecasts for 1');
});
