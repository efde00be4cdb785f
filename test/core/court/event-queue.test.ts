import fc from 'fast-check';
import { EventQueue, EVENTS } from '../../../core/court/event-queue';

it('gives events by time, and among equal times in the order in which they came', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3_000 });
  fc.assert(
    fc.property(times, (all) => {
      const queue = new EventQueue();
      all.forEach((at, index) => queue.add(at, EVENTS.sweep, index));
      const expected = [...all.keys()].sort((a, b) => (all[a] as number) - (all[b] as number) || a - b);
      const taken: number[] = [];
      while (queue.nextAt < Infinity) {
        const at = queue.nextAt;
        queue.take();
        expect(all[queue.subject]).toBe(at);
        expect(queue.kind).toBe(EVENTS.sweep);
        taken.push(queue.subject);
      }
      expect(taken).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});
