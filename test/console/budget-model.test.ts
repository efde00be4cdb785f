import { budgetSpecSchema, DEGRADE_STEPS } from '../../core/budget/budget-spec';
import type { BudgetForecastView } from '../../console/src/lib/answers';
import {
  budgetCommand,
  NEW_BUDGET,
  specBody,
  STEPS,
  wishOf,
  withStep,
} from '../../console/src/pages/budgets/budget-form';
import { ladderRows, spendChart, standing } from '../../console/src/pages/budgets/budget-model';

const hour = (count: number): string => new Date(Date.UTC(2026, 10, 1, count)).toISOString();
const period = { periodStart: hour(0), periodEnd: hour(24) };
const forecast = (change: Partial<BudgetForecastView> = {}): BudgetForecastView => ({
  ...{ name: 'month', ...period, limit: '10.00', spent: '3.50', forecast: '12.00', decidedAt: hour(5), steps: [] },
  hours: [
    { from: hour(1), spent: '1.00' },
    { from: hour(4), spent: '2.00' },
  ],
  ...change,
});

test('spend is summed hour by hour, ends at what is spent in all, and goes on to the forecast', () => {
  const now = Date.parse(hour(5)) + 1_800_000;
  const { times, spent, forecast: ahead, limit } = spendChart(period, forecast(), now);
  expect(times.map((at) => (at - Date.parse(hour(0))) / 3_600_000)).toEqual([0, 1, 2, 4, 5, 5.5, 24]);
  expect(spent).toEqual([0, 0, 1, 1, 3, 3.5, null]);
  expect(ahead).toEqual([null, null, null, null, null, 3.5, 12]);
  expect(new Set(limit)).toEqual(new Set([10]));
  const rising = times.slice(1).every((at, index) => at > (times[index] ?? 0));
  expect(rising).toBe(true);
});

test('before anything is decided or spent there is a line at nothing', () => {
  const {
    times,
    spent,
    forecast: ahead,
  } = spendChart(period, forecast({ hours: [], spent: '0.00', forecast: null }), Date.parse(hour(3)));
  expect([times.length, spent, ahead]).toEqual([2, [0, 0], [null, null]]);
});

test('an hour under way, and one that began before the period, are no steps backwards', () => {
  const hours = [{ from: hour(-1), spent: '1.00' }, { from: hour(0), spent: '1.00' }]; // prettier-ignore
  const { times } = spendChart(period, forecast({ hours }), Date.parse(hour(0)) + 60_000);
  expect(times.slice(1).every((at, index) => at > (times[index] ?? 0))).toBe(true);
});

test('the ladder shows every step with its price effect, and which are taken', () => {
  const spec = budgetSpecSchema.parse({ limit: '10' });
  const since = hour(2);
  const steps: BudgetForecastView['steps'] = [{ step: 'queue', since, savesPerHour: '0.50', saves: '9.00' }];
  const rows = ladderRows({ spec, steps: ['queue'] }, forecast({ steps }));
  expect(rows.map(({ step, inForce }) => [step, inForce])).toEqual(
    DEGRADE_STEPS.map((step) => [step, step === 'queue']),
  );
  expect(rows[3]).toMatchObject({
    since,
    savesPerHour: '0.50',
    saves: '9.00',
    does: expect.stringContaining('one call') as string,
  });
  expect(ladderRows({ spec, steps: [] }, undefined)[0]).toMatchObject({ savesPerHour: null, inForce: false });
});

test('a budget is spent, tight or well', () => {
  const spec = budgetSpecSchema.parse({ limit: '10' });
  const of = (percent: number, ahead: string | null, steps: ('queue' | 'refuse')[] = []) =>
    standing({ percent, forecast: ahead, spec, steps });
  expect([of(100, null), of(20, '11'), of(20, '9', ['queue']), of(20, '9'), of(20, null)]).toEqual([
    'over',
    'tight',
    'tight',
    'well',
    'well',
  ]);
});

test('the form knows all steps, and gives back what it was made of', () => {
  expect(STEPS).toEqual([...DEGRADE_STEPS]);
  const spec = budgetSpecSchema.parse({
    ...{ limit: '99.50', period: 'daily', timeZone: 'Europe/Berlin', functions: ['a', 'b'], criticalShare: 5 },
    ...{ alertAt: [], degrade: ['queue'], webhook: { url: 'https://hooks.example.com/x', secret: 'hook' } },
  });
  expect(budgetSpecSchema.parse(specBody(wishOf('month', spec)))).toEqual(spec);
  expect(budgetSpecSchema.parse(specBody({ ...NEW_BUDGET, limit: '5' }))).toEqual(
    budgetSpecSchema.parse({ limit: '5' }),
  );
});

test('a step more goes to its place in the ladder, and an order that somebody chose stays', () => {
  expect(withStep(['queue', 'refuse'], 'shorten-keep-alive')).toEqual(['shorten-keep-alive', 'queue', 'refuse']);
  expect(withStep(['queue', 'cheaper-tier'], 'refuse')).toEqual(['queue', 'cheaper-tier', 'refuse']);
  expect(withStep([], 'queue')).toEqual(['queue']);
});

test('nonsense goes as it is, for the API to tell', () => {
  const body = specBody({ ...NEW_BUDGET, limit: 'much', alertAt: '50, half', criticalShare: 'x' });
  expect(body).toMatchObject({ limit: 'much', alertAt: [50, 'half'], criticalShare: 'x' });
  expect(budgetCommand(NEW_BUDGET)).toBe('presage budget set NAME --limit DOLLARS --period monthly');
});
