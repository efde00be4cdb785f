import type { InvocationBatch } from '../../../core/record/invocation-batch';
import { OwnSpend } from '../../../gateway/budget/own-spend';
import { recordOf } from '../record/invocation-record';

const batch = (id: string): InvocationBatch => ({ blocks: [], rows: [recordOf({ id })] });
const unwritten = (own: OwnSpend<string>) => {
  const sums: Record<string, bigint> = {};
  for (const [fn, amount] of own.unwritten()) sums[fn] = (sums[fn] ?? 0n) + amount;
  return sums;
};

test('what was spent counts until a look began after its batch was written', () => {
  const own = new OwnSpend<string>();
  own.add('a', 5);
  own.add('a', 2);
  own.add('b', 1);
  expect(unwritten(own)).toEqual({ a: 7n, b: 1n });
  own.seal(batch('1'));
  own.add('a', 10);
  own.seal(batch('2'));
  own.add('b', 100);
  expect(unwritten(own)).toEqual({ a: 17n, b: 101n });
  own.written(batch('2'), 1_000);
  expect(unwritten(own)).toEqual({ a: 7n, b: 101n });
  own.written(batch('1'), 2_000);
  expect(unwritten(own)).toEqual({ b: 100n });
  expect([...own.lately()]).toEqual([
    ['a', 10n, 1_000],
    ['a', 7n, 2_000],
    ['b', 1n, 2_000],
  ]);
  own.forget(2_000);
  expect([...own.lately()].map(([, , at]) => at)).toEqual([2_000, 2_000]);
});

test('batches of an earlier process, and those told of twice, change nothing', () => {
  const own = new OwnSpend<string>();
  own.add('a', 5);
  own.seal(batch('1'));
  own.written(batch('of-before'), 1);
  own.written(batch('1'), 2);
  own.written(batch('1'), 3);
  expect(unwritten(own)).toEqual({});
  expect([...own.lately()]).toEqual([['a', 5n, 2]]);
});
