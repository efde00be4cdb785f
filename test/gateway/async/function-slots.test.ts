import fc from 'fast-check';
import { FunctionSlots } from '../../../gateway/async/function-slots';

test('a function is full at its limit, and never takes every slot', async () => {
  const slots = new FunctionSlots(8);
  const leave = await Promise.all(Array.from({ length: 6 }, () => slots.admit('f')));
  expect(slots.full()).toEqual(['f']);
  await slots.admit('g');
  expect(slots.full()).toEqual(['f']);
  leave[0]?.();
  leave[0]?.();
  expect(slots.full()).toEqual([]);
});

test('what it learns of a function counts from then on', async () => {
  const slots = new FunctionSlots(16);
  await slots.admit('f');
  slots.learn('f', 1);
  expect(slots.full()).toEqual(['f']);
  slots.learn('f', 1_000);
  expect(slots.full()).toEqual([]);
});

test('one slot in all is one that every function may have', async () => {
  const slots = new FunctionSlots(1);
  (await slots.admit('f'))();
  expect(slots.full()).toEqual([]);
});

test('however tries come and go, no more run than may, and nobody waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 5 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      async (steps, limit) => {
        const slots = new FunctionSlots(16);
        slots.learn('f', limit);
        const leaves: (() => void)[] = [];
        let asked = 0;
        let admitted = 0;
        for (const step of steps) {
          if (step < 3) {
            asked++;
            void slots.admit('f').then((leave) => {
              admitted++;
              leaves.push(leave);
            });
          } else leaves.shift()?.();
          await new Promise((resolve) => setImmediate(resolve));
          expect(leaves.length).toBeLessThanOrEqual(limit);
        }
        while (leaves.length > 0) {
          leaves.shift()?.();
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(admitted).toBe(asked);
        expect(slots.full()).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});
