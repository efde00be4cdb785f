import fc from 'fast-check';
import { WeightedValues } from '../../../core/forecast/weighted-values';

test('a quantile is the smallest value that so much of the weight lies at or below', () => {
  const values = new WeightedValues(4);
  values.set(4, (index) => [30, 10, 40, 20][index] as number);
  const weights = [0.1, 0.4, 0.1, 0.4];
  expect([...values.quantiles([0, 0.4, 0.5, 0.8, 0.85, 1], (index) => weights[index] as number)]).toEqual([
    10, 10, 20, 20, 30, 40,
  ]);
});

test('rises with the level, is one of the values, and has enough weight below', () => {
  const pair = fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(pair, { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (pairs, level) => {
        const values = new WeightedValues(60);
        values.set(pairs.length, (index) => (pairs[index] as [number, number])[0]);
        const weightOf = (index: number): number => (pairs[index] as [number, number])[1];
        const [low, at, high] = values.quantiles([level / 2, level, 1], weightOf) as unknown as [
          number,
          number,
          number,
        ];
        expect(low).toBeLessThanOrEqual(at);
        expect(at).toBeLessThanOrEqual(high);
        expect(pairs.map(([value]) => value)).toContain(at);
        const sum = pairs.reduce((total, [, weight]) => total + weight, 0);
        const below = pairs.reduce((total, [value, weight]) => total + (value <= at ? weight : 0), 0);
        expect(below / sum).toBeGreaterThanOrEqual(level - 1e-6);
      },
    ),
  );
});
