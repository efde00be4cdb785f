import type { AdviceView, LedgerLineView, StatementView } from '../../../console/src/lib/answers';
import { adviceOf, chargedByMinute, statementShare } from '../../../console/src/pages/function/charges';

const line = (time: string, picoDollars: string): LedgerLineView => ({
  ...{ time, function: 'pay', functionId: 'f', component: 'compute', quantity: 1, unit: 'core-second', dollars: '0' },
  picoDollars,
});

test('charges are summed minute by minute, in micro-dollars', () => {
  const from = Date.parse('2026-03-04T05:00:30.000Z');
  const lines = [
    line('2026-03-04T05:00:00.000Z', '1500000'),
    line('2026-03-04T05:01:00.000Z', '250000'),
    line('2026-03-04T05:01:00.000Z', '250000'),
  ];
  const { times, values } = chargedByMinute([...lines, line('2026-03-04T04:00:00.000Z', '9')], from, from + 120_000);
  expect(values).toEqual([1.5, 0.5, 0]);
  expect(times).toEqual([0, 60_000, 120_000].map((later) => Date.parse('2026-03-04T05:00:00.000Z') + later));
});

test('the share of a statement is exact, over both lives of a function that was made anew', () => {
  const part = (component: 'compute' | 'memory', picoDollars: string) => ({
    ...{ component, quantity: 1, unit: 'core-second', dollars: '0', picoDollars },
  });
  const fn = (name: string, functionId: string, ...parts: ReturnType<typeof part>[]) => ({
    ...{ function: name, functionId, parts, dollars: '0' },
    picoDollars: String(parts.reduce((sum, each) => sum + BigInt(each.picoDollars), 0n)),
  });
  const statement = {
    picoDollars: '40000000000000000000',
    functions: [
      fn('pay', '1', part('compute', '1'), part('memory', '9999999999999999999')),
      fn('pay', '2', part('compute', '10000000000000000000')),
      fn('tax', '3', part('compute', '20000000000000000000')),
    ],
  } as unknown as StatementView;
  const { picoDollars, share, parts } = statementShare(statement, 'pay');
  expect([picoDollars, share]).toEqual(['20000000000000000000', 0.5]);
  expect(parts.map((each) => [each.component, each.picoDollars, each.quantity])).toEqual([
    ['compute', '10000000000000000001', 2],
    ['memory', '9999999999999999999', 1],
  ]);
  expect(statementShare(statement, 'none')).toEqual({ picoDollars: '0', share: 0, parts: [] });
});

test('only recommendations for the function are its own', () => {
  const advice = (name: string | null) => ({ function: name }) as AdviceView;
  expect(adviceOf([advice('pay'), advice(null), advice('tax')], 'pay')).toHaveLength(1);
});
