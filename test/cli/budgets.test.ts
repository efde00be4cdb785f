import { picoOfDollars } from '../../core/cost/money-text';
import { sampleBudgetState } from '../drivers/store/budget-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const run = (...argv: string[]) => presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.acmeKey } });

test('a budget is set, and later only what is named of it is changed', async () => {
  const made = await run('budget', 'set', 'month', '--limit', '250', '--time-zone', 'Europe/Berlin', '--alert-at', '80,100'); // prettier-ignore
  expect(made.stderr).toContain('month allows $250.00 a month; $0.00 (0.0 %) is spent');
  expect((await run('budget', 'set', 'month', '--limit', '300', '--degrade', 'queue,refuse')).status).toBe(0);
  expect(await api.store.findBudget('acme', 'month')).toMatchObject({
    spec: { limit: '300', timeZone: 'Europe/Berlin', alertAt: [80, 100], degrade: ['queue', 'refuse'] },
  });
  const { stdout } = await run('budget', 'list');
  expect(stdout).toMatch(/NAME +SPENT +OF +% +FORECAST +UNTIL +STEPS/);
  expect(stdout).toMatch(/month +\$0\.00 +\$300\.00 +0\.0 +- /);
});

test('what is wrong is told, all of it, with what to do', async () => {
  const without = await run('budget', 'set', 'month', '--period', 'daily');
  expect(without.status).toBe(2);
  expect(without.stderr).toContain('a new one needs --limit');
  const wrong = await run('budget', 'set', 'month', '--limit=-5', '--functions', 'ghost', '--degrade', 'panic');
  expect(wrong.status).toBe(2);
  for (const part of ['limit', 'above 0', 'no function ghost', 'degrade.0']) expect(wrong.stderr).toContain(part);
  expect((await run('budget', 'set', 'month', '--limit', '5', '--alert-at', 'soon')).status).toBe(2);
});

test('how a budget stands, what its steps save, and what it has told of', async () => {
  await run('budget', 'set', 'month', '--limit', '100');
  const { id = '' } = (await api.store.findBudget('acme', 'month')) ?? {};
  const shown = JSON.parse((await run('budget', 'show', 'month', '-o', 'json')).stdout) as Record<string, string>;
  const [periodStart, periodEnd] = [new Date(shown['periodStart'] ?? ''), new Date(shown['periodEnd'] ?? '')];
  const plan = [{ step: 'queue', since: periodStart.getTime(), perHour: picoOfDollars('0.25'), toEnd: picoOfDollars('9') }] as const; // prettier-ignore
  const state = sampleBudgetState(id, { periodStart, periodEnd, plan, forecast: picoOfDollars('140') });
  await api.store.setBudgetState(state, { ifDecidedAt: null, events: [] });
  const event = { at: new Date(), tenant: 'acme', type: 'budget.alert', function: null, node: null, data: {} };
  const alerts = [{ percent: 50, event }];
  await api.store.raiseAlerts({ budgetId: id, periodStart, decisionId: 'd', at: new Date(), delivery: 'none', alerts });
  const { stdout } = await run('budget', 'show', 'month');
  expect(stdout).toMatch(/Limit +\$100\.00 monthly, UTC/);
  expect(stdout).toMatch(/Forecast +\$140\.00/);
  expect(stdout).toMatch(/In force +queue/);
  expect(stdout).toMatch(/50 % .* none +0/);
  const forecast = (await run('budget', 'forecast', 'month')).stdout;
  expect(forecast).toMatch(/STEP +IN FORCE +SAVES AN HOUR +SAVES UNTIL THE END/);
  expect(forecast).toMatch(/queue +since .* +\$0\.250 +\$9\.00/);
});

test('a budget is deleted when one is sure', async () => {
  await run('budget', 'set', 'month', '--limit', '100');
  expect((await run('budget', 'delete', 'month')).stderr).toContain('--yes');
  expect((await run('budget', 'delete', 'month', '--yes')).status).toBe(0);
  expect((await run('budget', 'list')).stderr).toContain('There are no budgets');
});
