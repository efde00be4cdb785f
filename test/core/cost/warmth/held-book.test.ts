import fc from 'fast-check';
import { HeldBook, type HeldState } from '../../../../core/cost/warmth/held-book';
import type { Holding } from '../../../../core/cost/warmth/held-row';
import { MINUTE_MS, minuteParts } from '../../../../core/cost/warmth/minute-parts';

const START = Date.parse('2026-03-04T05:06:00.000Z');
const holding = (functionId: string, memoryBytes = 100): Holding => ({
  tenant: 'acme',
  functionId,
  function: functionId,
  memoryBytes,
});
const time = fc.integer({ min: START, max: START + 10 * MINUTE_MS });

test('an interval is split over its minutes exactly', () => {
  expect(minuteParts(START + 59_000, START + 121_000)).toEqual([
    [START, 1_000],
    [START + MINUTE_MS, MINUTE_MS],
    [START + 2 * MINUTE_MS, 1_000],
  ]);
  expect(minuteParts(START, START + MINUTE_MS)).toEqual([[START, MINUTE_MS]]);
  expect(minuteParts(START, START)).toEqual([]);
  expect(minuteParts(START + 5, START)).toEqual([]);
  fc.assert(
    fc.property(time, time, (from, to) => {
      const parts = minuteParts(from, to);
      expect(parts.reduce((sum, [, ms]) => sum + ms, 0)).toBe(Math.max(0, to - from));
      for (const [minute, ms] of parts) {
        expect(minute % MINUTE_MS).toBe(0);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(MINUTE_MS);
      }
    }),
  );
});

test('the rows give what was added, to the byte-millisecond, one for each function and minute', () => {
  const holdings = [holding('f', 3), holding('f', 5), holding('g', 2 ** 40)];
  const interval = fc.record({
    which: fc.integer({ min: 0, max: holdings.length - 1 }),
    state: fc.constantFrom<HeldState>('running', 'frozen'),
    from: time,
    to: time,
  });
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 40 }), fc.integer({ min: 0, max: 40 }), (intervals, takenAfter) => {
      const book = new HeldBook();
      const rows = intervals.flatMap(({ which, state, from, to }, index) => {
        book.add(holdings[which] as Holding, state, from, to);
        return index === takenAfter ? book.take() : [];
      });
      const last = book.take();
      const all = [...rows, ...last];
      for (const functionId of ['f', 'g']) {
        for (const state of ['running', 'frozen'] as const) {
          const expected = intervals
            .filter(({ which, state: its }) => holdings[which]?.functionId === functionId && its === state)
            .reduce((sum, { which, from, to }) => {
              return sum + BigInt(Math.max(0, to - from)) * BigInt(holdings[which]?.memoryBytes ?? 0);
            }, 0n);
          const found = all
            .filter((row) => row.functionId === functionId)
            .reduce((sum, row) => sum + (state === 'running' ? row.runningByteMs : row.frozenByteMs), 0n);
          expect(found).toBe(expected);
        }
      }
      const keys = last.map(({ functionId, minute }) => `${functionId} ${minute.toISOString()}`);
      expect(new Set(keys).size).toBe(keys.length);
      expect(book.take()).toEqual([]);
    }),
  );
});
