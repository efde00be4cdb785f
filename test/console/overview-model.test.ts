import {
  budgetRows,
  figuresOf,
  latencySeries,
  startSeries,
  trafficSeries,
} from '../../console/src/pages/overview/overview-model';
import type { OverviewView } from '../../gateway/api/routes/overview-routes';

const kinds = { hot: 90, warm: 5, restore: 3, cold: 2 };
const budget = (name: string, change: Partial<OverviewView['budgets'][number]>) =>
  ({
    name,
    spec: { limit: '10.00' },
    spent: '1.00',
    percent: 10,
    forecast: '2.00',
    steps: [],
    ...change,
  }) as unknown as OverviewView['budgets'][number];

const view = (change: Partial<OverviewView> = {}): OverviewView => ({
  tenant: 'acme',
  window: '1h',
  from: '2026-03-04T05:00:00.000Z',
  to: '2026-03-04T06:00:00.000Z',
  stepSeconds: 60,
  functions: 3,
  totals: { total: 1200, errors: 4, byKind: kinds },
  points: [
    { at: '2026-03-04T05:00:00.000Z', total: 3, errors: 1, byKind: { hot: 1, warm: 0, restore: 0, cold: 1 } },
    { at: '2026-03-04T05:01:00.000Z', total: 0, errors: 0, byKind: { hot: 0, warm: 0, restore: 0, cold: 0 } },
  ],
  latency: {
    p50Ms: 4,
    p95Ms: 90.5,
    p99Ms: 1448,
    from: '2026-03-04T05:00:00.000Z',
    hours: [{ at: '2026-03-04T05:00:00.000Z', p50Ms: 4, p95Ms: 90.5, p99Ms: null }],
  },
  coldShare: { share: 0.02, target: 0.1 },
  objectives: {
    availability: { objective: 0.999, share: 0.9967, burn: 3.3333 },
    latency: { objective: 0.99, share: null, burn: null, withinMs: 200 },
  },
  spend: { today: '1.25' },
  budgets: [],
  ...change,
});

test('each figure has what to hold it against, and is good or bad by that', () => {
  const figures = figuresOf(view());
  expect(Object.fromEntries(figures.map(({ id, value, tone }) => [id, [value, tone]]))).toEqual({
    invocations: ['1,200', null],
    errors: ['4', null],
    p50: ['4 ms', null],
    p95: ['91 ms', null],
    p99: ['1.4 s', null],
    cold: ['2 %', 'good'],
    availability: ['99.7 %', 'bad'],
    within: ['–', null],
    spend: ['$1.25', null],
    functions: ['3', null],
  });
  const notes = Object.fromEntries(figures.map(({ id, note }) => [id, note]));
  expect(notes['invocations']).toBe('20 a minute');
  expect(notes['availability']).toBe('objective: 99.9 %; error budget used 3.3 times as fast as it may');
  expect(notes['within']).toBe('objective: 99 %; nothing to measure yet');
  expect(figuresOf(view({ coldShare: { share: 0.1, target: 0.1 } })).find(({ id }) => id === 'cold')?.tone).toBe('bad');
});

test('charts have a value for each step', () => {
  expect(startSeries(view()).map(({ label, values }) => [label, values])).toEqual([
    ['hot', [1, 0]],
    ['warm', [0, 0]],
    ['restore', [0, 0]],
    ['cold', [1, 0]],
  ]);
  expect(trafficSeries(view()).map(({ values }) => values)).toEqual([[3, 0], [1, 0]]); // prettier-ignore
  expect(latencySeries(view()).map(({ values }) => values)).toEqual([[4], [90.5], [null]]);
});

test('budgets are told nearest to their limit first', () => {
  const budgets = [
    budget('calm', {}),
    budget('spent', { percent: 120, steps: ['queue'], forecast: null }),
    budget('near', { percent: 95 }),
    budget('held', { percent: 50, steps: ['shorten-keep-alive'] }),
  ];
  expect(budgetRows(view({ budgets })).map(({ name, tone, forecast, state }) => [name, tone, forecast, state])).toEqual(
    [
      ['spent', 'bad', '–', 'queue'],
      ['near', 'warn', '$2.00', 'nothing held back'],
      ['held', 'warn', '$2.00', 'shorten-keep-alive'],
      ['calm', 'good', '$2.00', 'nothing held back'],
    ],
  );
});
