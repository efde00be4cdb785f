import fc from 'fast-check';
import { chooseRevision, shiftWeights } from '../../../core/function/alias-weights';

const weights = fc
  .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 })
  .chain((revisions) =>
    fc
      .array(fc.integer({ min: 1, max: 100 }), { minLength: revisions.length, maxLength: revisions.length })
      .map((raw) => ({ revisions, raw })),
  )
  .map(({ revisions, raw }) =>
    shiftWeights(
      revisions.map((revision, index) => ({ revision, weight: raw[index] ?? 1 })),
      99,
      1,
    ),
  );

test('shifted weights are positive integers that sum to 100 and give the revision its share', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 100 }), (base, percent) => {
      const shifted = shiftWeights(base, 7, percent);
      expect(shifted.reduce((sum, share) => sum + share.weight, 0)).toBe(100);
      expect(shifted.every((share) => Number.isInteger(share.weight) && share.weight > 0)).toBe(true);
      expect(shifted.find((share) => share.revision === 7)?.weight).toBe(percent);
    }),
  );
});

test('a first deploy gets everything, whatever percent was asked', () => {
  expect(shiftWeights([], 1, 10)).toEqual([{ revision: 1, weight: 100 }]);
});

test('choosing follows the weights', () => {
  const shares = [
    { revision: 1, weight: 25 },
    { revision: 2, weight: 75 },
  ];
  const picks = Array.from({ length: 1000 }, (_, index) => chooseRevision(shares, index / 1000));
  expect(picks.filter((revision) => revision === 1)).toHaveLength(250);
  expect(() => chooseRevision([], 0.5)).toThrow('points nowhere');
});
