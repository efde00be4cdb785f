import fc from 'fast-check';
import { startsNeeded, type WaitingLoad } from '../../../core/start/start-need';

const load = (change: Partial<WaitingLoad>): WaitingLoad => ({
  waiting: 200,
  concurrency: 1,
  moving: 0,
  useful: 1_000,
  turnMs: 1,
  startMs: 20,
  ...change,
});

test.each<[string, Partial<WaitingLoad>, number]>([
  ['nobody waits', { waiting: 0 }, 0],
  ['nothing is known: a place for each', { turnMs: null, startMs: null, concurrency: 10 }, 20],
  ['short requests share a few', {}, 10],
  ['those that serve count', { moving: 4 }, 6],
  ['as many serve as it takes', { moving: 10 }, 0],
  ['no more than the cores can keep at work', { useful: 3, moving: 1 }, 2],
  ['long requests have one each', { turnMs: 100 }, 200],
  ['one that waits for a short one goes on waiting', { waiting: 1, moving: 1, turnMs: 0.5 }, 0],
  ['one that waits for a long one gets its own', { waiting: 1, moving: 1, turnMs: 100 }, 1],
  ['nothing serves: there is always one', { waiting: 1, turnMs: 0.001 }, 1],
])('%s', (_, change, expected) => {
  expect(startsNeeded(load(change))).toBe(expected);
});

test('never more than places, never none where nothing serves, and less the more serve', () => {
  const time = fc.double({ min: 0.01, max: 10_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat({ max: 50 }),
      time,
      time,
      (waiting, concurrency, moving, turnMs, startMs) => {
        const useful = Number.POSITIVE_INFINITY;
        const needed = startsNeeded({ waiting, concurrency, moving, useful, turnMs, startMs });
        expect(needed).toBeLessThanOrEqual(Math.ceil(waiting / concurrency));
        if (moving === 0) expect(needed).toBeGreaterThanOrEqual(1);
        const more = startsNeeded({ waiting, concurrency, moving: moving + 1, useful, turnMs, startMs });
        expect(more).toBeLessThanOrEqual(needed);
        const slower = startsNeeded({ waiting, concurrency, moving, useful, turnMs: turnMs * 2, startMs });
        expect(slower).toBeGreaterThanOrEqual(needed);
      },
    ),
  );
});
