import { costSettingsSchema, priceTableOf } from '../../../../core/cost/cost-settings';
import { BUDGETS } from '../../../../core/kubernetes/custom-resources';
import type { BudgetRecord } from '../../../../drivers/store/budget-store';
import { typeOf, type ServedObject } from '../../../../workers/control/kubernetes/object-writer';
import { sampleBudgetState } from '../../../drivers/store/budget-contract';
import { ControllerBed, until } from './controller-bed';

const TYPE = typeOf(BUDGETS);

let bed: ControllerBed;

beforeEach(async () => {
  bed = new ControllerBed();
  await bed.start();
});
afterEach(() => bed.stop());

function declare(name: string, spec: object, generation = 1): Promise<ServedObject> {
  const object: unknown = { metadata: { name, namespace: 'acme', generation }, spec };
  return bed.kubernetes.apply(TYPE, object as ServedObject);
}

const condition = (name: string, type: string, reason: string) =>
  until(async () => {
    const object = await bed.kubernetes.find(TYPE, { name, namespace: 'acme' });
    return object?.status?.conditions?.find((one) => one.type === type && one.reason === reason);
  });

test('a budget counts, says what is in force, and leaves one of the API alone', async () => {
  await declare('month', { limit: '5' });
  expect(await condition('month', 'Enforced', 'Counts')).toMatchObject({ status: 'True' });
  expect(bed.workflows.enforced).toEqual(['acme']);
  const budget = (await bed.store.findBudget('acme', 'month')) as BudgetRecord;
  expect(budget).toMatchObject({ origin: 'kubernetes', spec: { limit: '5', period: 'monthly' } });
  await bed.store.setBudgetState(sampleBudgetState(budget.id, { steps: ['refuse'] }), {
    ifDecidedAt: null,
    events: [],
  });
  expect(await condition('month', 'Exhausted', 'LimitReached')).toMatchObject({ status: 'True' });
  await declare('month', { limit: '0' }, 2);
  expect(await condition('month', 'Enforced', 'EarlierSpec')).toMatchObject({ status: 'True' });
  expect(await bed.store.findBudget('acme', 'month')).toMatchObject({ spec: { limit: '5' } });
  await bed.store.putBudget({ tenant: 'acme', name: 'own', spec: budget.spec, origin: 'api' });
  await declare('own', { limit: '7' });
  expect(await condition('own', 'Enforced', 'NameTaken')).toMatchObject({ status: 'False' });
  expect(await bed.store.findBudget('acme', 'own')).toMatchObject({ origin: 'api', spec: { limit: '5' } });
});

test('a change of one budget has that one looked at, and no other', async () => {
  const limits = async () => (await bed.store.budgets()).map(({ name, spec }) => `${name} ${spec.limit}`).join();
  await declare('a', { limit: '5' });
  await declare('b', { limit: '5' });
  await until(async () => (await limits()) === 'a 5,b 5');
  await until(() => Promise.resolve(bed.kubernetes.writes.length >= 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const looked: string[] = [];
  const put = bed.store.putBudget;
  bed.store.putBudget = (budget) => {
    looked.push(budget.name);
    return put(budget);
  };
  await declare('a', { limit: '6' }, 2);
  await until(async () => (await limits()) === 'a 6,b 5');
  const { id } = (await bed.store.findBudget('acme', 'a')) as BudgetRecord;
  await bed.store.setBudgetState(sampleBudgetState(id, { steps: ['queue'] }), { ifDecidedAt: null, events: [] });
  await until(() => Promise.resolve(looked.length >= 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(new Set(looked)).toEqual(new Set(['a']));
});

test('a budget says that prices or its secret are missing, and when they are there', async () => {
  bed.prices = { ...bed.prices, tiers: { ...bed.prices.tiers, edge: { ...bed.prices.tiers.edge, request: 0, cpuSecond: 0, gbSecondRunning: 0 } } }; // prettier-ignore
  await bed.restart();
  await declare('month', { limit: '5', webhook: { url: 'https://hooks.example.com', secret: 'hook' } });
  const missing = await condition('month', 'Enforced', 'PricesMissing');
  expect([missing.status, missing.message]).toEqual(['False', expect.stringContaining('no prices for edge')]);
  const unset = await condition('month', 'WebhookReady', 'SecretMissing');
  expect([unset.status, unset.message]).toEqual(['False', expect.stringContaining('presage secret set hook')]);
  // It holds what it sees all the same.
  expect(await bed.store.findBudget('acme', 'month')).toMatchObject({ spec: { limit: '5' } });

  bed.prices = priceTableOf(costSettingsSchema.parse({}));
  await bed.store.putSecret('acme', 'hook', Buffer.from('sealed'));
  await bed.restart();
  expect(await condition('month', 'Enforced', 'Counts')).toMatchObject({ status: 'True' });
  expect(await condition('month', 'WebhookReady', 'SecretFound')).toMatchObject({ status: 'True' });
});

test('budgets that are declared no more are forgotten, also those that went while nobody looked', async () => {
  const kept = async (): Promise<string> => (await bed.store.budgets()).map(({ name }) => name).join();
  await declare('a', { limit: '5' });
  await declare('b', { limit: '5' });
  await until(async () => (await kept()) === 'a,b');
  await bed.stop();
  expect(await kept()).toBe('a,b');
  await bed.kubernetes.delete(TYPE, { name: 'a', namespace: 'acme' });
  await bed.start();
  await until(async () => (await kept()) === 'b');
});
