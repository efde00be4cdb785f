import fc from 'fast-check';
import { ExpertMixture } from '../../../core/forecast/expert-mixture';

const sum = (weights: Float64Array): number => weights.reduce((total, weight) => total + weight, 0);

test('knows nothing at first, then prefers who was right', () => {
  const mixture = new ExpertMixture(2);
  expect([...mixture.weights()]).toEqual([0.5, 0.5]);
  expect([...mixture.mix([[2], [4]])]).toEqual([3]);
  for (let i = 0; i < 5; i++) mixture.learn([10], [[10], [2]]);
  expect(mixture.weights()[0]).toBeGreaterThan(0.999);
});

test('one that errs twice as much weighs e^-8 of the best', () => {
  const mixture = new ExpertMixture(2);
  mixture.learn([0], [[1], [2]]);
  const [best, other] = mixture.weights();
  expect((other as number) / (best as number)).toBeCloseTo(Math.exp(-8), 12);
});

test('forgets: what was right long ago does not count for ever', () => {
  const mixture = new ExpertMixture(2, { halfLife: 5 });
  for (let i = 0; i < 100; i++) mixture.learn([1], [[1], [0]]);
  for (let i = 0; i < 30; i++) mixture.learn([0], [[1], [0]]);
  expect(mixture.weights()[1]).toBeGreaterThan(0.9);
});

test('an expert that answers with no number is as wrong as the worst, and harms nobody', () => {
  const mixture = new ExpertMixture(3);
  mixture.learn([1], [[1], [3], [Number.NaN]]);
  const weights = [...mixture.weights()];
  expect(weights.every(Number.isFinite)).toBe(true);
  expect(weights[2]).toBeCloseTo(weights[1] as number, 12);
});

test('weights are positive and sum to one, and a mixture lies among its members', () => {
  const value = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 30 }), (rounds) => {
      const mixture = new ExpertMixture(2);
      for (const [actual, a, b] of rounds) {
        const mixed = mixture.mix([[a], [b]])[0] as number;
        expect(mixed).toBeGreaterThanOrEqual(Math.min(a, b) - 1e-6);
        expect(mixed).toBeLessThanOrEqual(Math.max(a, b) + 1e-6);
        mixture.learn([actual], [[a], [b]]);
        expect(sum(mixture.weights())).toBeCloseTo(1, 9);
      }
    }),
  );
});
