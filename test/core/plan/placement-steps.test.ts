import fc from 'fast-check';
import { evenShares } from '../../../core/plan/even-shares';
import { placementSteps } from '../../../core/plan/placement-steps';

test.each([
  [[], ['a'], [{ kind: 'place', to: 'a' }]],
  [[], ['a', 'b'], [{ kind: 'place', to: 'a' }, { kind: 'add', to: 'b' }]],
  [['a'], ['b'], [{ kind: 'migrate', from: 'a', to: 'b' }]],
  [['a'], ['a', 'b'], [{ kind: 'add', to: 'b' }]],
  [['a', 'b'], ['b'], [{ kind: 'remove', from: 'a' }]],
  [['a'], ['b', 'c'], [{ kind: 'add', to: 'c' }, { kind: 'migrate', from: 'a', to: 'b' }]],
])('from %j to %j', (from, to, steps) => {
  expect(placementSteps(from, to)).toEqual(steps);
}); // prettier-ignore

test('the steps lead there, and at no time is there less than at the end or before', () => {
  const nodes = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
  fc.assert(
    fc.property(nodes, nodes, (from, to) => {
      const at = new Set(from);
      for (const step of placementSteps(from, to)) {
        if ('to' in step) at.add(step.to);
        if ('from' in step) at.delete(step.from);
        expect(at.size).toBeGreaterThanOrEqual(Math.min(from.length, to.length));
      }
      expect([...at].sort()).toEqual([...to].sort());
    }),
  );
});

test('even shares sum to 100', () => {
  expect(evenShares(['a', 'b', 'c'])).toEqual([
    { node: 'a', weight: 34 },
    { node: 'b', weight: 33 },
    { node: 'c', weight: 33 },
  ]);
  expect(evenShares(['a'])).toEqual([{ node: 'a', weight: 100 }]);
});
