import fc from 'fast-check';
import { RateWindow, type RateAsk } from '../../../core/admission/rate-window';

const rule = { requests: 100, windowSeconds: 1 };

test('a block is counted before it is used, and nobody is asked meanwhile', () => {
  const window = new RateWindow();
  expect(window.decide(rule, 0)).toBeNull();
  const ask = window.ask(rule, 1, 0);
  expect(ask).toEqual({ points: 2, owed: 0 });
  window.counted(rule, ask, 2, 1_000, 0);
  expect(window.decide(rule, 0)).toEqual({ allowed: true, remaining: 99, resetMs: 1_000 });
  expect(window.decide(rule, 10)).toEqual({ allowed: true, remaining: 98, resetMs: 990 });
  expect(window.decide(rule, 10)).toBeNull();
});

test('as many are asked for as wait, and one at a time of a small limit', () => {
  const window = new RateWindow();
  expect(window.ask(rule, 7, 0).points).toBe(7);
  expect(window.ask({ requests: 3, windowSeconds: 60 }, 1, 0).points).toBe(1);
  expect(window.ask({ requests: 10_000, windowSeconds: 1 }, 1, 0).points).toBe(200);
});

test('once the window is used up nobody is asked until it ends', () => {
  const window = new RateWindow();
  window.counted(rule, window.ask(rule, 1, 0), 300, 400, 0);
  expect(window.decide(rule, 399)).toEqual({ allowed: false, remaining: 0, resetMs: 1 });
  expect(window.decide(rule, 400)).toBeNull();
});

test('what is in hand of a window that is over is gone', () => {
  const window = new RateWindow();
  window.counted(rule, window.ask(rule, 5, 0), 5, 10, 0);
  expect(window.decide(rule, 10)).toBeNull();
});

test('alone it goes on from what was known, and owes what it lets through', () => {
  const window = new RateWindow();
  window.counted(rule, window.ask(rule, 1, 0), 97, 1_000, 0);
  const states = Array.from({ length: 7 }, () => window.decideAlone(rule, 500));
  // Two in hand, three that nobody had counted yet.
  expect(states.filter(({ allowed }) => allowed)).toHaveLength(5);
  expect(window.ask(rule, 1, 600)).toEqual({ points: 5, owed: 3 });
  expect(window.decideAlone(rule, 1_000).allowed).toBe(true);
});

test('under another rule somebody is asked again', () => {
  const window = new RateWindow();
  window.counted(rule, window.ask(rule, 1, 0), 100, 1_000, 0);
  expect(window.decide({ requests: 200, windowSeconds: 1 }, 1)).toBeNull();
});

test('gateways together never let more through than the rule says, and all of it while all have callers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 5_000 }),
      (requests, turns) => {
        const limit = { requests, windowSeconds: 1 };
        const gateways = [new RateWindow(), new RateWindow(), new RateWindow()];
        let counted = 0;
        let allowed = 0;
        const refused = new Set<number>();
        const take = (turn: number): void => {
          const gateway = gateways[turn] as RateWindow;
          let state = gateway.decide(limit, 0);
          if (!state) {
            const ask: RateAsk = gateway.ask(limit, 1, 0);
            counted += ask.points;
            gateway.counted(limit, ask, counted, 1_000, 0);
            state = gateway.decide(limit, 0);
          }
          if (state?.allowed) allowed++;
          else refused.add(turn);
        };
        turns.forEach(take);
        expect(allowed).toBeLessThanOrEqual(requests);
        while (refused.size < 3) [0, 1, 2].forEach(take);
        expect(allowed).toBe(requests);
      },
    ),
    { numRuns: 200 },
  );
});
