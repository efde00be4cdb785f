import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { WebhookSignature } from '../../../core/async/webhook';
import { budgetSpecSchema, type BudgetSpecInput } from '../../../core/budget/budget-spec';
import type { EnforceBudgetInput } from '../../../core/control/workflow-inputs';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { PriceBook } from '../../../core/cost/price-book';
import { pricingText } from '../../../core/cost/pricing';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { Store } from '../../../drivers/store/store';
import { HttpWebhookSender } from '../../../drivers/webhook/http/http-webhook-sender';
import { enforceBudget } from '../../../workflows';
import { until } from '../../agent/agent-harness';
import { deployRevision, packed, sampleInvocation } from '../../drivers/store/sample-records';
import { startPlatformTemporal, startPlatformWorker } from '../support/platform-temporal';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(120_000);

const TASK_QUEUE = 'budgets-test';
const SECRET = 'shared';
const prices = priceTableOf(costSettingsSchema.parse({}));

let postgres: TemporaryPostgres;
let store: Store;
let temporal: TestWorkflowEnvironment;
let worker: Awaited<ReturnType<typeof startPlatformWorker>>;
let hooks: http.Server;
let functionId: string;
let table: string;
/** Alerts that arrived, and how many more of them are left without an answer. */
const arrived: { percent: number; delivery: string; signed: boolean }[] = [];
let hangs = 0;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTemporaryPostgres(), startPlatformTemporal()]);
  store = openPostgresStore(postgres.url);
  await store.migrate();
  await store.ensureTenant('acme');
  ({ function: { id: functionId } } = await deployRevision(store, 'acme', 'pay')); // prettier-ignore
  table = await store.putPriceTable(prices);
  hooks = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const signature = new WebhookSignature(SECRET);
      signature.update(body);
      const { percent } = JSON.parse(String(body)) as { percent: number };
      const delivery = String(request.headers['x-presage-delivery']);
      arrived.push({ percent, delivery, signed: signature.matches(String(request.headers['x-hub-signature-256'])) });
      if (hangs-- <= 0) response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  worker = await startPlatformWorker(temporal, TASK_QUEUE, {
    store,
    now: () => Date.now(),
    cluster: { nodes: async () => [{ name: 'n', tier: 'central', state: 'ready', labels: {} }] },
    prices,
    gateways: 1,
    secrets: async () => new Map([['hook', SECRET]]),
    webhooks: new HttpWebhookSender({ timeoutMs: 400, allowPrivate: true }),
  });
});
afterAll(async () => {
  await worker.stop();
  hooks.closeAllConnections();
  await new Promise((resolve) => hooks.close(resolve));
  await temporal.teardown();
  await store.close();
  await postgres.stop();
});

/** Calls of about 1.67 cents each. */
async function spend(calls: number): Promise<void> {
  const pricing = pricingText({ table, tier: 'central', region: null, slaMs: null });
  const records = Array.from({ length: calls }, () =>
    sampleInvocation({ id: randomUUID(), at: new Date(), tenant: 'acme', functionId, function: 'pay', memoryByteMs: 1e15, bytesOut: 0, pricing }),
  ); // prettier-ignore
  await store.writeInvocations(packed(records, new PriceBook([prices])));
}
async function put(change: Partial<BudgetSpecInput> = {}): Promise<string> {
  const webhook = { url: `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/`, secret: 'hook' };
  const spec = budgetSpecSchema.parse({ limit: '0.10', functions: ['pay'], webhook, ...change });
  return (await store.putBudget({ tenant: 'acme', name: 'month', spec, origin: 'api' })).budget.id;
}
const run = (input: EnforceBudgetInput = { tenant: 'acme' }) =>
  temporal.client.workflow.execute(enforceBudget, { taskQueue: TASK_QUEUE, workflowId: randomUUID(), args: [input] });
const told = async (type: string): Promise<number> =>
  (await store.events({ tenant: 'acme', types: [type] })).items.length;
const state = async () => (await store.budgetStates({ tenant: 'acme' }))[0];

test('from records in PostgreSQL, through Temporal, to a webhook that hangs first', async () => {
  const id = await put();
  await spend(5);
  const dry = await run({ tenant: 'acme', dryRun: true });
  expect(dry.budgets[0]).toMatchObject({ budget: 'month', limit: '0.10', percent: 83.3, alerts: [50, 75] });
  expect(Number(dry.budgets[0]?.spent)).toBeCloseTo(0.0833345, 6);
  expect(dry.budgets[0]?.steps).toHaveLength(5);
  expect([await told('budget.alert'), await state(), arrived]).toEqual([0, undefined, []]);

  hangs = 1;
  expect((await run()).decided).toBe(1);
  await until('both are delivered', async () =>
    (await store.budgetAlerts(id, 9)).every(({ delivery }) => delivery === 'delivered'),
  );
  expect((await store.budgetAlerts(id, 9)).map(({ tries }) => tries).sort()).toEqual([1, 2]);
  expect(arrived.map(({ percent }) => percent).sort()).toHaveLength(3);
  expect(arrived.every(({ signed }) => signed)).toBe(true);
  expect(new Set(arrived.map(({ delivery }) => delivery)).size).toBe(2);
  expect(await told('budget.alert')).toBe(2);
  expect(await state()).toMatchObject({ alerted: [50, 75] });
});

test('at the limit new work is refused, told of once by whoever is first; posting changes no sum', async () => {
  await spend(2);
  await Promise.all([run(), run(), run({})]);
  expect((await state())?.steps).toContain('refuse');
  expect([await told('budget.alert'), await told('budget.exhausted')]).toEqual([4, 1]);
  const before = (await state())?.spent;
  await store.postLedger(new Date(Date.now() + 120_000));
  await run();
  expect((await state())?.spent).toBe(before);
  expect(await store.budgetFigures()).toMatchObject({ alerts: 4, exhausted: 1 });
});

test('when the limit is raised steps are restored one by one, and nothing is told of twice', async () => {
  await put({ limit: '1000' });
  const lengths: number[] = [];
  for (let decision = 0; decision < 6; decision++) {
    await run();
    lengths.push((await state())?.steps.length ?? -1);
  }
  expect(lengths.at(-1)).toBe(0);
  expect(lengths.every((length, index) => index === 0 || length >= (lengths[index - 1] ?? 0) - 1)).toBe(true);
  expect(await told('budget.alert')).toBe(4);
  expect(await told('budget.restored')).toBeGreaterThan(0);
});
