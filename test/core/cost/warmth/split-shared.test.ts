import fc from 'fast-check';
import { splitShared, type SharedUser } from '../../../../core/cost/warmth/split-shared';

const MINUTE = new Date('2026-03-04T05:06:00.000Z');
const user = (functionId: string): SharedUser => ({ tenant: 'acme', functionId, function: functionId });

test('each function is charged by its uses, and nobody for what nobody used', () => {
  const split = splitShared(MINUTE, 100n, new Map([[user('a'), 3], [user('b'), 1], [user('c'), 0]])); // prettier-ignore
  expect(split.map(({ functionId, sharedByteMs }) => [functionId, sharedByteMs])).toEqual([['a', 75n], ['b', 25n]]); // prettier-ignore
  expect(splitShared(MINUTE, 100n, new Map())).toMatchObject([
    { tenant: null, functionId: 'platform', sharedByteMs: 100n, runningByteMs: 0n },
  ]);
  expect(splitShared(MINUTE, 0n, new Map([[user('a'), 1]]))).toEqual([]);
});

test('the parts sum to the whole, and none is a byte-millisecond from its share', () => {
  const uses = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), uses, (byteMs, counts) => {
      const rows = splitShared(MINUTE, byteMs, new Map(counts.map((count, index) => [user(`f${index}`), count])));
      expect(rows.reduce((sum, row) => sum + row.sharedByteMs, 0n)).toBe(byteMs);
      const all = BigInt(counts.reduce((sum, count) => sum + count, 0));
      if (all === 0n) return;
      for (const { functionId, sharedByteMs } of rows) {
        const off = sharedByteMs * all - byteMs * BigInt(counts[Number(functionId.slice(1))] ?? 0);
        expect(off < all && off > -all).toBe(true);
      }
    }),
  );
});
