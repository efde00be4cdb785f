import fc from 'fast-check';
import { compactTarget } from '../../../core/warming/compact-target';
import type { TargetStep } from '../../../core/warming/function-target';

const target = (steps: readonly TargetStep[]) => ({
  steps,
  keepAlive: [600, 600, 60, 60, 60],
  pool: 0,
  uses: [1, 0, 0],
});
const step = (after: number, frozen: number): TargetStep => ({ after, running: 0, frozen });

test('steps are of whole seconds, each with the most of its second; later ones are left out', () => {
  const steps = [step(0, 1), step(1.2, 3), step(1.4, 2), step(4, 0), step(150, 1), step(151, 5)];
  expect(compactTarget(target(steps), 150).steps).toEqual([
    step(0, 1),
    step(1, 3),
    step(2, 2),
    step(4, 0),
    step(150, 1),
  ]);
});

test('what is repeated at the end is left out', () => {
  const { keepAlive, uses } = compactTarget(target([step(0, 0)]), 10);
  expect([keepAlive, uses]).toEqual([
    [600, 600, 60],
    [1, 0],
  ]);
});

test('at no moment less than before, and steps are few', () => {
  const moments = fc.uniqueArray(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 300 });
  const at = (steps: readonly TargetStep[], moment: number) =>
    steps.findLast(({ after }) => after <= moment)?.frozen ?? 0;
  fc.assert(
    fc.property(moments, fc.array(fc.nat(5), { minLength: 301, maxLength: 301 }), (times, counts) => {
      const steps = [0.5, ...times].sort((a, b) => a - b).map((after, index) => step(after, counts[index] as number));
      const { steps: compact } = compactTarget(target(steps), 150);
      expect(compact.length).toBeLessThanOrEqual(151);
      compact.forEach(({ after }, index) => expect(after > (compact[index - 1]?.after ?? -1)).toBe(true));
      for (const moment of times)
        if (moment < 150) expect(at(compact, moment)).toBeGreaterThanOrEqual(at(steps, moment));
    }),
  );
});
