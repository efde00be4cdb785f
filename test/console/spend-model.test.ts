import { COST_COMPONENTS, UNITS } from '../../core/cost/price-table';
import { ADVICE_STATES } from '../../drivers/store/advice-store';
import type { LedgerLineView } from '../../console/src/lib/answers';
import { adviceAction, evidenceText } from '../../console/src/pages/cost/advice-model';
import {
  COMPONENTS,
  lastMonths,
  ledgerPath,
  spendByComponent,
  statementRows,
} from '../../console/src/pages/cost/spend-model';
import { moneyScale } from '../../console/src/lib/money-scale';
import { TIER_ORDER } from '../../console/src/lib/tiers';
import { TIERS } from '../../core/function/manifest';

const NOW = Date.parse('2026-11-27T02:20:00Z');
const amounts = (picoDollars: string) => ({ quantity: 1, unit: 'x', dollars: '', picoDollars });
const line = (time: string, component: LedgerLineView['component'], picoDollars: string): LedgerLineView => ({
  ...{ time, function: '', functionId: '', component },
  ...amounts(picoDollars),
});

test('spend is laid out by step and component, whole steps up to now, zeroes where nothing was charged', () => {
  const lines = [
    line('2026-11-26T02:00:00.000Z', 'memory', '1000000000000'),
    line('2026-11-27T02:00:00.000Z', 'memory', '500000000000'),
    line('2026-11-27T01:00:00.000Z', 'request', '250000000000'),
    line('2026-11-01T01:00:00.000Z', 'storage', '0'),
    line('2026-11-27T01:00:00.000Z', 'impact', '7'),
  ];
  const { times, series, total, credit } = spendByComponent(lines, '24h', NOW);
  expect([times.length, new Date(times[0] ?? 0).toISOString()]).toEqual([25, '2026-11-26T02:00:00.000Z']);
  expect(series.map((row) => [row.component, row.total, row.values[0], row.values[23], row.values[24]])).toEqual([
    ['request', 250_000_000_000n, 0, 0.25, 0],
    ['memory', 1_500_000_000_000n, 1, 0, 0.5],
  ]);
  expect([total, credit]).toEqual([1_750_000_000_000n, 7n]);
  expect(spendByComponent([], '30d', NOW)).toMatchObject({ series: [], total: 0n });
});

test('the ledger is asked for from a whole step on, summed or of one function', () => {
  const asked = (path: string) => Object.fromEntries(new URL(path, 'http://x').searchParams);
  expect(asked(ledgerPath('30d', '', NOW))).toEqual({
    by: 'day',
    limit: '1000',
    from: '2026-10-28T00:00:00.000Z',
    sum: 'true',
  });
  expect(asked(ledgerPath('7d', 'a b', NOW))).toMatchObject({
    by: 'day',
    function: 'a b',
    from: '2026-11-20T00:00:00.000Z',
  });
});

test('a statement lists functions, the dearest first, by what is to pay', () => {
  const row = (name: string, pico: string, credit = '0') => ({
    ...{ function: name, functionId: name, dollars: '', picoDollars: String(BigInt(pico) + BigInt(credit)) },
    parts: [
      { component: 'compute' as const, ...amounts(pico) },
      { component: 'impact' as const, ...amounts(credit) },
    ],
  });
  const paid = { dollars: '', picoDollars: '1000' };
  const rows = statementRows({ functions: [row('a', '250', '9000'), row('b', '750')], paid });
  expect(rows).toEqual([
    { function: 'b', functionId: 'b', parts: { compute: '750', impact: '0' }, picoDollars: '750', share: 0.75 },
    { function: 'a', functionId: 'a', parts: { compute: '250', impact: '9000' }, picoDollars: '250', share: 0.25 },
  ]);
  const nothing = { dollars: '', picoDollars: '0' };
  expect(statementRows({ functions: [row('a', '0')], paid: nothing })[0]?.share).toBe(0);
});

test('amounts below a cent are told in micro-dollars', () => {
  expect([moneyScale(0.004), moneyScale(0.01)]).toEqual([{ unit: 'µ$', perDollar: 1e6 }, { unit: '$', perDollar: 1 }]); // prettier-ignore
});

test('months go back over the turn of the year', () => {
  expect(lastMonths(new Date('2026-01-31T23:00:00Z'), 3)).toEqual(['2026-01', '2025-12', '2025-11']);
});

test('what the pages list is what the core knows', () => {
  expect([...COMPONENTS]).toEqual([...COST_COMPONENTS]);
  expect([...TIER_ORDER]).toEqual([...TIERS]);
  expect(UNITS.length).toBe(8);
});

test('what may be done with a recommendation hangs on its state, and evidence is one line', () => {
  expect(Object.fromEntries(ADVICE_STATES.map((state) => [state, adviceAction(state)]))).toMatchObject({
    ...{ open: 'apply', reverted: 'apply', failed: 'apply', applying: 'revert', watching: 'revert', kept: 'revert' },
  });
  expect(evidenceText({ name: 'idle', value: 1234.5678, unit: 'GB·s' })).toBe('idle: 1,235 GB·s');
  expect(evidenceText({ name: 'policy', value: 'none', unit: null })).toBe('policy: none');
});
