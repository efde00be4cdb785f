import fc from 'fast-check';
import { z } from 'zod';
import { pageLimit, pageOf, readCursor, type CursorShape } from '../../../../drivers/store/postgres/cursor';

const numbers: CursorShape<number> = { kind: 'numbers', schema: z.number() };
const others: CursorShape<number> = { kind: 'others', schema: z.number() };

test('pages of any size give every row once, in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 7 }), (values, limit) => {
      const rows = [...values].sort((a, b) => a - b);
      const seen: number[] = [];
      let cursor: string | null = null;
      do {
        const after: number | null = readCursor(numbers, { cursor });
        const found: number[] = rows.filter((row) => after === null || row > after).slice(0, pageLimit({ limit }) + 1);
        const page = pageOf(found, { limit }, numbers, (row) => row);
        seen.push(...page.items);
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual(rows);
    }),
  );
});

test('a cursor of another list, or of nobody, is refused with a way out', () => {
  const { next } = pageOf([1, 2], { limit: 1 }, others, (row) => row);
  for (const cursor of [next, '', 'x', Buffer.from('["numbers","text"]').toString('base64url')]) {
    expect(() => readCursor(numbers, { cursor })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }) as Error,
    );
  }
});

test('limits are brought into their range', () => {
  expect([undefined, 0, -5, 3.7, 99_999].map((limit) => pageLimit(limit === undefined ? {} : { limit }))).toEqual([
    50, 1, 1, 3, 1000,
  ]);
});
