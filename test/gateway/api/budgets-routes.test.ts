import { dollarText, picoOfDollars } from '../../../core/cost/money-text';
import { sampleBudgetState } from '../../drivers/store/budget-contract';
import { BOOK, paidFor, PRICED } from '../../drivers/store/cost-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { parseManifest } from '../../../core/function/manifest';
import { makeHarness, manifestOf, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => (api = await makeHarness()));
afterEach(() => api.close());

const url = '/v1/budgets/month';
const events = async (): Promise<string[]> =>
  (await api.store.events({ tenant: 'acme' })).items
    .map(({ type }) => type)
    .filter((type) => type.startsWith('budget.'));

test('a budget is made, shown, changed and deleted; the workflow is told at once', async () => {
  const made = await api.call('PUT', url, { payload: { limit: '250.00', timeZone: 'Europe/Berlin' } });
  expect(made.status).toBe(200);
  expect(made.body).toMatchObject({
    name: 'month',
    origin: 'api',
    generation: 1,
    spec: { limit: '250.00', currency: 'USD', period: 'monthly', alertAt: [50, 75, 90, 100], criticalShare: 20 },
    spent: '0.00',
    percent: 0,
    forecast: null,
    steps: [],
    alerted: [],
    decidedAt: null,
  });
  expect(Date.parse(textOf(made.body['periodEnd']))).toBeGreaterThan(Date.now());
  expect(api.workflows.enforced).toEqual(['acme']);
  expect((await api.call('GET', url)).body).toEqual(made.body);
  const again = await api.call('PUT', url, { payload: { limit: '250.00', timeZone: 'Europe/Berlin' } });
  expect(again.body).toMatchObject({ generation: 1 });
  expect(api.workflows.enforced).toHaveLength(1);
  expect((await api.call('PUT', url, { payload: { limit: '300' } })).body).toMatchObject({ generation: 2 });
  expect((await api.call('GET', '/v1/budgets')).body).toMatchObject({ items: [{ name: 'month' }], next: null });
  expect((await api.call('DELETE', url)).status).toBe(204);
  expect((await api.call('DELETE', url)).status).toBe(404);
  expect((await api.call('GET', url)).body).toMatchObject({ code: 'not_found' });
  expect(await events()).toEqual(['budget.set', 'budget.set', 'budget.deleted']);
});

test('how it stands is shown: forecast, steps with what they save, alerts', async () => {
  await api.call('PUT', url, { payload: { limit: '100' } });
  const budget = await api.store.findBudget('acme', 'month');
  const { body } = await api.call('GET', url);
  const periodStart = new Date(textOf(body['periodStart']));
  const id = budget?.id ?? '';
  const plan = [{ step: 'queue', since: periodStart.getTime(), perHour: picoOfDollars('0.5'), toEnd: picoOfDollars('12') }] as const; // prettier-ignore
  const periodEnd = new Date(textOf(body['periodEnd']));
  const state = sampleBudgetState(id, { periodStart, periodEnd, plan, forecast: picoOfDollars('120.5') });
  await api.store.setBudgetState(state, { ifDecidedAt: null, events: [] });
  const event = { at: new Date(), tenant: 'acme', type: 'budget.alert', function: null, node: null, data: {} };
  const alerts = [{ percent: 50, event }];
  await api.store.raiseAlerts({ budgetId: id, periodStart, decisionId: 'd', at: new Date(), delivery: 'none', alerts });
  expect((await api.call('GET', url)).body).toMatchObject({ forecast: '120.50', steps: ['queue'], alerted: [50] });
  expect((await api.call('GET', `${url}/forecast`)).body).toMatchObject({
    limit: '100.00',
    forecast: '120.50',
    steps: [{ step: 'queue', since: periodStart.toISOString(), savesPerHour: '0.50', saves: '12.00' }],
  });
  expect((await api.call('GET', `${url}/alerts`)).body).toMatchObject({
    items: [{ percent: 50, delivery: 'none', tries: 0 }],
  });
  const last = new Date(periodStart.getTime() - 40 * 86_400_000);
  const old = { ...state, periodStart: last, decidedAt: new Date(state.decidedAt.getTime() + 1) };
  await api.store.setBudgetState(old, { ifDecidedAt: state.decidedAt, events: [] });
  expect((await api.call('GET', url)).body).toMatchObject({ forecast: null, steps: ['queue'], alerted: [] });
});

test('what each hour of the period has cost is shown, of the functions that it counts', async () => {
  const ids = { pay: await api.makeFunction('acme', 'pay'), other: await api.makeFunction('acme', 'other') };
  const call = (name: keyof typeof ids, at: Date) =>
    sampleInvocation({ tenant: 'acme', functionId: ids[name], function: name, at, pricing: PRICED });
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
  const records = [call('pay', hour), call('other', hour)];
  await api.store.writeInvocations(packed(records, BOOK));
  await api.store.postLedger(new Date(hour.getTime() + 60_000));
  await api.call('PUT', url, { payload: { limit: '100', period: 'daily', functions: ['pay'] } });
  expect((await api.call('GET', `${url}/forecast`)).body['hours']).toEqual([
    { from: hour.toISOString(), spent: dollarText(paidFor(records.slice(0, 1))) },
  ]);
});

test('all that is wrong is told at once, with how to mend it', async () => {
  const payload = {
    limit: '0',
    currency: 'EUR',
    functions: ['ghost', 'ghost'],
    alertAt: [50, 50],
    webhook: { url: 'https://hooks.example.com', secret: 'none' },
  };
  const { status, body } = await api.call('PUT', url, { payload });
  expect(status).toBe(400);
  const problems = (body['errors'] as unknown as { path: string; hint?: string }[]).map(({ path }) => path).sort();
  expect(problems).toEqual(['alertAt.1', 'currency', 'functions.0', 'functions.1', 'limit', 'webhook.secret']);
  expect(textOf(body['detail'])).toContain('6 problem(s)');
  expect((await api.call('PUT', url, { payload: [] })).status).toBe(400);
  expect((await api.call('PUT', '/v1/budgets/Not%20a%20name', { payload: { limit: '1' } })).status).toBe(400);
  expect(await api.store.budgets()).toEqual([]);
});

test('functions and secrets of the tenant may be named', async () => {
  await api.vault.put('acme', 'hook', 'shared');
  await api.store.createRevision({ tenant: 'acme', manifest: parseManifest(manifestOf('pay')), digest: 'd', codeDigest: 'c', codeKind: 'layer' }); // prettier-ignore
  const webhook = { url: 'https://hooks.example.com/b', secret: 'hook' };
  const { body } = await api.call('PUT', url, { payload: { limit: '5', functions: ['pay'], webhook } });
  expect(body).toMatchObject({ spec: { functions: ['pay'], webhook } });
});

test('a function that was deleted is not in the way of a raised limit, but is not named anew', async () => {
  await api.makeFunction('acme', 'old');
  const set = (limit: string, functions: string[]) => api.call('PUT', url, { payload: { limit, functions } });
  expect((await set('5', ['old'])).status).toBe(200);
  await api.store.deleteFunction('acme', 'old');
  expect((await set('50', ['old'])).body).toMatchObject({ spec: { limit: '50', functions: ['old'] } });
  expect((await api.call('PUT', '/v1/budgets/other', { payload: { limit: '5', functions: ['old'] } })).status).toBe(
    400,
  );
});

test('what an object of Kubernetes declares is changed there alone', async () => {
  const { body } = await api.call('PUT', url, { payload: { limit: '5' } });
  const spec = body['spec'] as unknown as Parameters<typeof api.store.putBudget>[0]['spec'];
  await api.store.putBudget({ tenant: 'acme', name: 'declared', spec, origin: 'kubernetes' });
  const change = await api.call('PUT', '/v1/budgets/declared', { payload: { limit: '6' } });
  expect(change.body).toMatchObject({ status: 409, code: 'conflict' });
  expect((await api.call('DELETE', '/v1/budgets/declared')).status).toBe(409);
});

test('while Temporal is away a budget is set all the same', async () => {
  api.workflows.away = true;
  expect((await api.call('PUT', url, { payload: { limit: '5' } })).status).toBe(200);
});

test('metrics say what budgets come to', async () => {
  await api.call('PUT', url, { payload: { limit: '100' } });
  const id = (await api.store.findBudget('acme', 'month'))?.id ?? '';
  const state = sampleBudgetState(id, { spent: picoOfDollars('12.5'), forecast: picoOfDollars('50') });
  await api.store.setBudgetState(state, { ifDecidedAt: null, events: [] });
  await api.store.addBudgetFigures({ alerts: 3 });
  const { text } = await api.call('GET', '/metrics', { key: null });
  for (const line of [
    'presage_budget_limit_dollars{tenant="acme",budget="month"} 100',
    'presage_budget_spent_dollars{tenant="acme",budget="month"} 12.5',
    'presage_budget_forecast_dollars{tenant="acme",budget="month"} 50',
    'presage_budget_step_in_force{tenant="acme",budget="month",step="queue"} 1',
    'presage_budget_step_in_force{tenant="acme",budget="month",step="refuse"} 0',
    'presage_budget_alerts_total 3',
  ]) {
    expect(text).toContain(line);
  }
});
