import fc from 'fast-check';
import { forecastAr, oneStepError } from '../../../core/forecast/ar-model';
import { fitAr, fitBestAr } from '../../../core/forecast/fit-ar';

/** A stream of numbers from 0 to 1 that is the same each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function autoregressive(length: number, coefficients: readonly number[], level: number): Float64Array {
  const next = noise(7);
  const counts = new Float64Array(length);
  for (let minute = 0; minute < length; minute++) {
    let value = level * (1 - coefficients.reduce((sum, each) => sum + each, 0)) + next() - 0.5;
    coefficients.forEach((each, lag) => (value += each * (counts[minute - 1 - lag] ?? level)));
    counts[minute] = value;
  }
  return counts;
}

test('finds the coefficients that made a series', () => {
  const model = fitAr(autoregressive(20_000, [0.5, -0.3], 50), { p: 2, d: 0 });
  expect(model?.coefficients[0]).toBeCloseTo(0.5, 1);
  expect(model?.coefficients[1]).toBeCloseTo(-0.3, 1);
  const sum = model?.coefficients.reduce((total, each) => total + each, 0) ?? 0;
  expect((model?.constant ?? 0) / (1 - sum)).toBeCloseTo(50, 1);
  // The noise is even over one request a minute.
  expect(model?.sigma).toBeCloseTo(Math.sqrt(1 / 12), 2);
  expect(model?.largest).toBeCloseTo(50, -1);
});

test('no other line is nearer: lag products that are shared are right', () => {
  const counts = Float64Array.from({ length: 400 }, (_, minute) => (minute % 7 === 0 ? 5 : (minute * 13) % 4));
  const model = fitAr(counts, { p: 6, d: 1 });
  if (!model) throw new Error('no model');
  const least = oneStepError(model, counts);
  model.coefficients.forEach((_, lag) => {
    for (const by of [0.02, -0.02]) {
      // A step in one difference's coefficient moves two of the counts'.
      if (lag + 1 === model.coefficients.length) continue;
      const moved = model.coefficients.map((each, at) => each + (at === lag ? by : at === lag + 1 ? -by : 0));
      expect(oneStepError({ ...model, coefficients: moved }, counts)).toBeGreaterThan(least * 0.999);
    }
  });
});

test('a timer is foretold by the order that spans its period', () => {
  const timer = Float64Array.from({ length: 2_880 }, (_, minute) => (minute % 30 === 4 ? 6 : 0));
  const model = fitBestAr(timer);
  expect(model?.p).toBe(60);
  const forecast = model && forecastAr(model, timer, 2_880, 10);
  expect(forecast?.[4]).toBeGreaterThan(4);
  expect(forecast?.[2]).toBeLessThan(1);
});

test.each([
  ['nothing', []],
  ['one point', [3]],
  ['ten points', [1, 2, 3, 4, 5, 6, 7, 8, 9, 8]],
  ['all zero', new Array<number>(2_000).fill(0)],
  ['constant', new Array<number>(2_000).fill(4)],
  ['no number', [...new Array<number>(2_000).fill(4), Number.NaN]],
  ['endless', [...new Array<number>(2_000).fill(4), Number.POSITIVE_INFINITY]],
  ['negative', [...new Array<number>(2_000).fill(4), -1]],
])('%s: no model', (_, counts) => {
  expect(fitBestAr(counts)).toBeNull();
  expect(fitAr(counts, { p: 5, d: 0 })).toBeNull();
});

test('gappy, huge and exploding histories give sane forecasts', () => {
  const count = fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.nat(10) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1e15, noNaN: true }) },
  );
  const exploding = fc
    .double({ min: 1, max: 1.4, noNaN: true })
    .map((base) => Array.from({ length: 300 }, (_, i) => base ** i));
  fc.assert(
    fc.property(fc.oneof(fc.array(count, { maxLength: 900 }), exploding), (counts) => {
      const model = fitBestAr(counts);
      if (!model) return;
      const forecast = forecastAr(model, counts, counts.length, 10);
      expect(forecast.every((value) => value >= 0 && value <= 3 * Math.max(...counts))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
