import { alertActivities } from '../../activities/alert-activities';
import { budgetActivities } from '../../activities/budget-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { WebhookSignature } from '../../core/async/webhook';
import { budgetSpecSchema, type BudgetSpecInput } from '../../core/budget/budget-spec';
import { costSettingsSchema, priceTableOf } from '../../core/cost/cost-settings';
import { picoOfDollars } from '../../core/cost/money-text';
import type { WebhookRequest } from '../../drivers/webhook/webhook-sender';
import type { SpendQuery } from '../../drivers/store/cost-store';
import { deployRevision } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const MINUTE = 60_000;
let now: number;
let store: MemoryStore;
let spent: ReadonlyMap<string, string>;
let asked: readonly SpendQuery[];
let sent: WebhookRequest[];
let secrets: ReadonlyMap<string, string>;

beforeEach(async () => {
  now = Date.parse('2026-03-15T12:00:20Z');
  store = createMemoryStore(() => new Date(now));
  spent = new Map();
  asked = [];
  sent = [];
  secrets = new Map([['hook', 'shared']]);
  await store.ensureTenant('acme');
});

function dependencies(change: Partial<ActivityDependencies> = {}): ActivityDependencies {
  const known: typeof store = {
    ...store,
    spend: async (queries) => {
      asked = queries;
      return queries.map(({ functionIds, from }) => {
        const inPeriod = from.getTime() < now - 24 * 60 * MINUTE;
        const own = [...spent].filter(([id]) => functionIds === null || functionIds.includes(id));
        const byFunction = new Map(own.map(([id, amount]) => [id, inPeriod ? picoOfDollars(amount) : 0n]));
        return { spent: [...byFunction.values()].reduce((sum, each) => sum + each, 0n), byFunction, readFrom: new Date(now) };
      });
    },
    spendByComponent: async () => {
      const memory = { component: 'memory', quantity: 3_600, amount: picoOfDollars('24') };
      const spends = [...spent.keys()].map((functionId) => ({ functionId, ...memory }));
      return { since: new Date(now - 24 * 60 * MINUTE), spends };
    },
  };
  return {
    store: known,
    cluster: { nodes: async () => [{ name: 'n', tier: 'central', region: 'eu', state: 'ready', labels: {} }] },
    prices: priceTableOf(costSettingsSchema.parse({})),
    gateways: 1,
    secrets: async (_tenant: string, names: readonly string[]) => new Map([...secrets].filter(([name]) => names.includes(name))),
    webhooks: { send: async (request: WebhookRequest) => (sent.push(request), { status: 204, errorCode: null, retryAfterMs: null, error: null }) },
    now: () => now,
    ...change,
  } as unknown as ActivityDependencies;
} // prettier-ignore

async function put(change: Partial<BudgetSpecInput> = {}, name = 'month') {
  const spec = budgetSpecSchema.parse({ limit: '100', ...change });
  return (await store.putBudget({ tenant: 'acme', name, spec, origin: 'api' })).budget;
}
const decide = (change: Partial<Parameters<ReturnType<typeof budgetActivities>['decideBudgets']>[0]> = {}) =>
  budgetActivities(dependencies()).decideBudgets({
    tenants: ['acme'],
    dryRun: false,
    decisionId: `at ${now}`,
    ...change,
  });
const types = async () => (await store.events({ tenant: 'acme' })).items.map(({ type }) => type);

test('a dry run shows spend, forecast, alerts and steps with their effects, and changes nothing', async () => {
  const { function: fn } = await deployRevision(store, 'acme');
  spent = new Map([[fn.id, '92']]);
  await put();
  const { decided, budgets, deliveries } = await decide({ dryRun: true });
  expect([decided, deliveries]).toEqual([1, []]);
  expect(budgets[0]).toMatchObject({
    budget: 'month',
    periodStart: '2026-03-01T00:00:00.000Z',
    periodEnd: '2026-04-01T00:00:00.000Z',
    limit: '100.00',
    spent: '92.00',
    percent: 92,
    ceiling: '100.00',
    spentByCritical: '0.00',
    alerts: [50, 75, 90],
    notes: [],
  });
  expect(budgets[0]?.steps.at(-1)).toMatchObject({ step: 'refuse', inForce: false, savesPerHour: '1.00' });
  expect([await types(), await store.budgetStates()]).toEqual([[], []]);
});

test('alerts are told of once, with events and deliveries; a repeated decision delivers the same again', async () => {
  const { function: fn } = await deployRevision(store, 'acme');
  spent = new Map([[fn.id, '76']]);
  await put({ webhook: { url: 'https://hooks.example.com', secret: 'hook' } });
  const first = await decide();
  expect(first.deliveries).toMatchObject([
    { budget: 'month', percent: 50, periodStart: '2026-03-01T00:00:00.000Z', message: { type: 'budget.alert', spent: '76.00', limit: '100.00' } },
    { percent: 75 },
  ]); // prettier-ignore
  expect((await decide()).deliveries.map(({ percent }) => percent)).toEqual([50, 75]);
  now += MINUTE;
  expect((await decide()).deliveries).toEqual([]);
  expect(await types()).toEqual(['budget.alert', 'budget.alert']);
  expect(await store.budgetStates()).toMatchObject([{ spent: picoOfDollars('76'), alerted: [50, 75], steps: [] }]);
  expect(await store.budgetFigures()).toMatchObject({ alerts: 2, decisions: 3, degraded: 0 });
});

test('at the limit steps come into force, and go when it is raised', async () => {
  const { function: fn } = await deployRevision(store, 'acme');
  spent = new Map([[fn.id, '100']]);
  await put({ alertAt: [] });
  await decide();
  expect((await store.budgetStates())[0]?.steps).toContain('refuse');
  expect(await types()).toEqual(['budget.degraded', 'budget.exhausted']);
  await put({ alertAt: [], limit: '1000' });
  for (let minute = 0; minute < 5; minute++) {
    now += MINUTE;
    await decide();
  }
  expect((await store.budgetStates())[0]).toMatchObject({ steps: [], generation: 2 });
  expect((await types()).filter((type) => type === 'budget.restored').length).toBeGreaterThan(0);
});

test('a budget of some functions asks for these, with those of the same name that were deleted', async () => {
  const { function: old } = await deployRevision(store, 'acme', 'pay');
  await store.deleteFunction('acme', 'pay');
  const { function: pay } = await deployRevision(store, 'acme', 'pay');
  await deployRevision(store, 'acme', 'other');
  await put({ functions: ['pay', 'later'] });
  const { budgets } = await decide({ dryRun: true });
  expect(asked[0]?.functionIds).toEqual([old.id, pay.id]);
  expect(budgets[0]?.notes).toEqual(['there is no function later yet']);
});

test('whoever decides at the same time: one state is kept, alerts are raised once', async () => {
  const { function: fn } = await deployRevision(store, 'acme');
  spent = new Map([[fn.id, '100']]);
  await put();
  const all = await Promise.all(['a', 'b', 'c'].map((decisionId) => decide({ decisionId })));
  expect(all.map(({ decided }) => decided)).toEqual([1, 1, 1]);
  expect((await types()).filter((type) => type === 'budget.alert')).toHaveLength(4);
  expect((await types()).filter((type) => type === 'budget.exhausted')).toHaveLength(1);
});

test('a budget that is not there is an error; tenants without budgets are left alone', async () => {
  await expect(decide({ budget: 'none' })).rejects.toMatchObject({ code: 'not_found' });
  expect(await decide()).toEqual({ decided: 0, budgets: [], deliveries: [] });
  await put();
  expect(await budgetActivities(dependencies()).budgetTenants()).toEqual(['acme']);
});

test('missing prices are told of with every decision', async () => {
  await put();
  const prices = priceTableOf(costSettingsSchema.parse({ prices: { request: 0, cpuSecond: 0, gbSecondRunning: 0 } }));
  const { budgets } = await budgetActivities(dependencies({ prices })).decideBudgets({ tenants: ['acme'], dryRun: true, decisionId: 'd' }); // prettier-ignore
  expect(budgets[0]?.notes[0]).toMatch(/no prices for edge, regional, central/);
});

describe('webhooks', () => {
  const alert = async () => {
    const budget = await put({ webhook: { url: 'https://hooks.example.com/b', secret: 'hook' } });
    const ref = { budgetId: budget.id, tenant: 'acme', budget: 'month', percent: 90, periodStart: '2026-03-01T00:00:00.000Z' };
    return { ...ref, message: { type: 'budget.alert', percent: 90 } };
  }; // prettier-ignore

  test('are signed with the tenant’s secret, and carry a name by which a repeat is known', async () => {
    const one = await alert();
    expect(await alertActivities(dependencies()).sendAlert(one)).toMatchObject({ status: 204, error: null });
    const [request] = sent;
    expect(request).toMatchObject({ url: 'https://hooks.example.com/b' });
    expect(JSON.parse(String(request?.body))).toEqual(one.message);
    const signature = new WebhookSignature('shared');
    signature.update(request?.body ?? Buffer.alloc(0));
    expect(signature.matches(request?.headers['x-hub-signature-256'])).toBe(true);
    expect(request?.headers['x-presage-delivery']).toBe(`${one.budgetId}/${one.periodStart}/90`);
  });

  test('without a secret they are tried again, without a webhook they are given up', async () => {
    const one = await alert();
    secrets = new Map();
    const { sendAlert } = alertActivities(dependencies());
    expect(await sendAlert(one)).toMatchObject({ status: null, errorCode: 'unavailable' });
    await put();
    expect(await sendAlert(one)).toMatchObject({ status: null, errorCode: 'forbidden' });
    expect(sent).toEqual([]);
  });

  test('how it ended is kept, counted and told of once', async () => {
    const one = await alert();
    const periodStart = new Date(one.periodStart);
    const event = { at: new Date(now), tenant: 'acme', type: 'budget.alert', function: null, node: null, data: {} };
    await store.raiseAlerts({ budgetId: one.budgetId, periodStart, decisionId: 'd', at: new Date(now), delivery: 'waiting', alerts: [{ percent: 90, event }] }); // prettier-ignore
    const { settleAlert } = alertActivities(dependencies());
    const end = { ...one, delivered: false, tries: 4, error: 'it answered 500' };
    await settleAlert(end);
    await settleAlert(end);
    expect(await store.budgetAlerts(one.budgetId, 5)).toMatchObject([{ delivery: 'failed', tries: 4 }]);
    expect(await store.budgetFigures()).toMatchObject({ webhooksFailed: 1, webhooksDelivered: 0 });
    expect(await types()).toEqual(['budget.alert', 'budget.webhook-failed']);
  });
});
