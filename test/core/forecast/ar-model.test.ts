import fc from 'fast-check';
import { arMember, arModelSchema, extrapolate, forecastAr, type ArModel } from '../../../core/forecast/ar-model';

const model: ArModel = { p: 2, d: 0, coefficients: [0.5, 0.25], constant: 1, largest: 10, sigma: 1 };

test('each value is made of those before it, by hand', () => {
  // 1 + 4/2 + 8/4 = 5, then 1 + 5/2 + 4/4.
  expect([...forecastAr(model, [99, 8, 4, 77], 3, 2)]).toEqual([5, 4.5]);
  expect([...arMember('ar', model).forecast([8, 4], 2, 1)]).toEqual([5]);
});

test('before the first minute there were no requests', () => {
  expect([...forecastAr(model, [4], 1, 1)]).toEqual([3]);
  expect([...forecastAr(model, [], 0, 2)]).toEqual([1, 1.5]);
});

test('an exploding model stops at three times the largest count, a falling one at 0', () => {
  const doubling = { ...model, p: 1, coefficients: [2], constant: 0 };
  expect([...forecastAr(doubling, [10], 1, 4)]).toEqual([20, 30, 30, 30]);
  expect([...forecastAr({ ...doubling, constant: -1_000 }, [10], 1, 2)]).toEqual([0, 0]);
  expect([...extrapolate(doubling, [10], 1, 3, { low: -1, high: 1e9 })]).toEqual([20, 40, 80]);
});

test('finite and never negative, whatever the model and the history', () => {
  const wild = fc.oneof(fc.integer({ min: -5, max: 1_000 }), fc.double());
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(
      fc.array(wild, { maxLength: 40 }),
      fc.array(finite, { minLength: 1, maxLength: 8 }),
      finite,
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      fc.nat(40),
      (counts, coefficients, constant, largest, back) => {
        const any = { p: coefficients.length, d: 0, coefficients, constant, largest, sigma: 0 };
        const forecast = forecastAr(any, counts, Math.max(0, counts.length - back), 15);
        expect(forecast).toHaveLength(15);
        expect(forecast.every((value) => value >= 0 && value <= 3 * largest)).toBe(true);
      },
    ),
  );
});

test('a model survives JSON, and one that cannot be is refused', () => {
  expect(arModelSchema.parse(JSON.parse(JSON.stringify(model)))).toEqual(model);
  for (const broken of [
    { p: 3 },
    { coefficients: [] },
    { coefficients: [1, null] },
    { largest: 0 },
    { sigma: -1 },
    { d: 2 },
  ]) {
    expect(arModelSchema.safeParse({ ...model, ...broken }).success).toBe(false);
  }
});
