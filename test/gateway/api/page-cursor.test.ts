import fc from 'fast-check';
import {
  ascending,
  decodeCursor,
  descending,
  encodeCursor,
  pageOf,
  type ListQuery,
} from '../../../gateway/api/page-cursor';

const order = (compare: typeof ascending) => ({ keyOf: (item: string) => item, compare });

/** All pages of `items`, following `next`; `between` may change the items meanwhile. */
function walk(
  items: string[],
  limit: number,
  compare: typeof ascending,
  between: (page: number) => string[],
): string[] {
  const seen: string[] = [];
  let query: ListQuery = { limit };
  for (let page = 0; ; page++) {
    const { items: found, next } = pageOf(
      'things',
      query,
      page === 0 ? items : between(page),
      order(compare),
      (item) => item,
    );
    expect(found.length).toBeLessThanOrEqual(limit);
    seen.push(...found);
    if (next === null) return seen;
    query = { limit, cursor: next };
  }
}

const keys = fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 40 });
const limits = fc.integer({ min: 1, max: 12 });

test('the pages of a list are the list: each item once, in order', () => {
  fc.assert(
    fc.property(keys, limits, fc.constantFrom(ascending, descending), (items, limit, compare) => {
      expect(walk(items, limit, compare, () => items)).toEqual([...items].sort(compare));
    }),
  );
});

test('items that come and go meanwhile disturb no other', () => {
  fc.assert(
    fc.property(keys, keys, limits, (stay, come, limit) => {
      const passing = come.filter((key) => !stay.includes(key));
      const seen = walk(stay, limit, ascending, (page) => (page % 2 === 0 ? stay : [...passing, ...stay]));
      expect(seen.filter((key) => stay.includes(key))).toEqual([...stay].sort(ascending));
      expect(new Set(seen).size).toBe(seen.length);
    }),
  );
});

test('a cursor is read by its own list alone, and nothing else is a cursor', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (list, position) => {
      const cursor = encodeCursor(list, position);
      expect(cursor).toMatch(/^[\w-]*$/);
      expect(decodeCursor(list, cursor)).toBe(position);
      expect(() => decodeCursor(`${list}x`, cursor)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor('things', text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    }),
  );
});
