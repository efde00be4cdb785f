import type { AgentClient } from '../../../../agent/rpc/agent-client';
import { PlatformError } from '../../../../core/error/platform-error';
import { BUDGETS, FUNCTIONS } from '../../../../core/kubernetes/custom-resources';
import { costSettingsSchema, priceTableOf } from '../../../../core/cost/cost-settings';
import type { PriceTable } from '../../../../core/cost/price-table';
import { FINALIZER } from '../../../../core/kubernetes/declared-object';
import type { ApplyOptions } from '../../../../drivers/kubernetes/kubernetes-api';
import { namespacedType, type KubernetesObject, type ResourceType } from '../../../../drivers/kubernetes/resource-type';
import type { BudgetRecord } from '../../../../drivers/store/budget-store';
import { ObjectController } from '../../../../workers/control/kubernetes/object-controller';
import { typeOf, type ServedObject } from '../../../../workers/control/kubernetes/object-writer';
import { MemoryKubernetes } from '../../../fakes/memory-kubernetes';
import { sampleBudgetState } from '../../../drivers/store/budget-contract';
import { createMemoryStore, type MemoryStore } from '../../../fakes/memory-store';
import { FakeImages, FakeWorkflows } from '../../../gateway/api/fake-ports';

const TYPE = typeOf(FUNCTIONS);
const CONFIG_MAPS = namespacedType<KubernetesObject & { data: object }>('v1', 'ConfigMap', 'configmaps');

/** Counts what is written, and refuses what was decided by an older version, as a real one does. */
class StrictKubernetes extends MemoryKubernetes {
  /** What was written, in words. */
  readonly writes: string[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /** One after the other: between the look at a version and the write nothing comes. */
  override apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions = {}): Promise<T> {
    const own = this.#last.then(() => this.#apply(type, object, options));
    this.#last = own.catch(() => undefined);
    return own;
  }

  async #apply<T extends KubernetesObject>(type: ResourceType<T>, object: T, options: ApplyOptions): Promise<T> {
    if (options.subresource === 'status') {
      const { conditions = [] } = (object as unknown as ServedObject).status ?? {};
      this.writes.push(conditions.at(-1)?.reason ?? 'nothing');
      const ref = { name: object.metadata?.name ?? '', namespace: object.metadata?.namespace };
      const { metadata } = await this.get(type, ref);
      if (metadata?.resourceVersion !== object.metadata?.resourceVersion)
        throw new PlatformError('conflict', 'was changed');
    }
    return super.apply(type, object, options);
  }
  override async patch<T extends KubernetesObject>(...given: Parameters<MemoryKubernetes['patch']>): Promise<T> {
    this.writes.push('finalizers');
    return super.patch(...given) as Promise<T>;
  }
}

let kubernetes: StrictKubernetes;
let store: MemoryStore;
let images: FakeImages;
let workflows: FakeWorkflows;
let controller: ObjectController;
/** Of the only agent. */
let instances: { tenant: string; function: string; revisionId: string }[];
let retired: string[];
let left: number;
let prices: PriceTable;
const warnings: unknown[] = [];

function start(): ObjectController {
  const agent = {
    stats: async () => ({ instances }),
    retire: async ({ revisionId }: { revisionId: string }) => {
      retired.push(revisionId);
      return { ended: 1, left };
    },
    dropCheckpoint: async () => undefined,
  } as unknown as AgentClient;
  const node = {
    name: 'n',
    tier: 'central',
    region: 'eu',
    address: 'n:1',
    labels: {},
    state: 'ready',
    capacity: null,
  } as const;
  return new ObjectController({
    api: kubernetes,
    store,
    images,
    workflows,
    cluster: { nodes: async () => [node] },
    agent: async () => agent,
    now: () => Date.now(),
    log: { info: () => undefined, warn: (...words: unknown[]) => void warnings.push(words) } as never,
    namespaces: [],
    home: 'presage',
    publicUrl: 'https://fn.example.com',
    prices,
  });
}

beforeEach(async () => {
  kubernetes = new StrictKubernetes();
  store = createMemoryStore();
  images = new FakeImages();
  workflows = new FakeWorkflows();
  [instances, retired, left] = [[], [], 0];
  warnings.length = 0;
  prices = priceTableOf(costSettingsSchema.parse({}));
  controller = start();
  await controller.start();
});
afterEach(() => controller.stop());

const spec = (text: string): object => ({
  runtime: 'nodejs',
  handler: 'index.handler',
  code: { files: { 'index.js': text } },
});

async function apply(name: string, body: object, generation = 1, metadata: object = {}): Promise<void> {
  const object = {
    metadata: { name, namespace: 'acme', generation, ...metadata },
    spec: body,
  } as unknown as ServedObject;
  await kubernetes.apply(TYPE, object);
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const read = (name: string): Promise<ServedObject | null> => kubernetes.find(TYPE, { name, namespace: 'acme' });
const reason = (name: string, wanted: string, generation = 1) =>
  until(async () => {
    const condition = (await read(name))?.status?.conditions?.find(({ type }) => type === 'Ready');
    return condition?.reason === wanted && condition.observedGeneration === generation && condition;
  });

/** What the workflow does in the end. */
async function finish(index: number): Promise<void> {
  const {
    tenant = 'default',
    function: name,
    revision,
    deploymentId,
  } = await until(async () => workflows.deploys[index]);
  const fn = await store.findFunction(tenant, name);
  const record = fn && (await store.findRevision(fn.id, revision));
  if (!fn || !record) throw new Error('the workflow was started for nothing');
  await store.updateDeployment(deploymentId, { state: 'succeeded', step: 'done' });
  await store.setRevisionState(record.id, 'ready');
  await store.setAlias(fn.id, 'live', [{ revision, weight: 100 }]);
}

test('a new object: kept, deployed once, and ready; three writes in all', async () => {
  await apply('hello', spec('one'), 1, { labels: { team: 'x' } });
  await reason('hello', 'Deploying');
  expect(workflows.deploys).toMatchObject([{ tenant: 'acme', function: 'hello', revision: 1, alias: 'live' }]);
  await finish(0);
  expect(await reason('hello', 'Deployed')).toMatchObject({ status: 'True', message: 'revision 1 serves live' });
  const object = await read('hello');
  expect(object?.metadata.finalizers).toEqual([FINALIZER]);
  expect(object?.status).toMatchObject({
    revision: 1,
    url: 'https://fn.example.com/fn/acme/hello/',
    observedGeneration: 1,
  });
  expect((await store.findFunction('acme', 'hello'))?.labels).toEqual({ team: 'x' });
  expect(kubernetes.writes).toEqual(['finalizers', 'Deploying', 'Deployed']);
  expect([workflows.deploys.length, warnings]).toEqual([1, []]);
});

test('two controllers deploy once and say the same', async () => {
  const other = start();
  await other.start();
  await apply('hello', spec('one'));
  await reason('hello', 'Deploying');
  await finish(0);
  await reason('hello', 'Deployed');
  await other.stop();
  const revisions = new Set(workflows.deploys.map(({ revision, deploymentId }) => `${revision} ${deploymentId}`));
  expect([...revisions]).toHaveLength(1);
});

test('a changed object is a new revision; changed labels are none', async () => {
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  await apply('hello', spec('two'), 2);
  await reason('hello', 'Deploying', 2);
  await finish(1);
  await reason('hello', 'Deployed', 2);
  expect((await read('hello'))?.status).toMatchObject({ revision: 2 });
  await apply('hello', spec('two'), 2, { labels: { a: 'b' } });
  await until(async () => (await store.findFunction('acme', 'hello'))?.labels['a'] === 'b');
  expect(workflows.deploys).toHaveLength(2);
});

test('what is wrong is a condition with all problems: nothing is made, and nothing keeps the object', async () => {
  await apply('bad', { runtime: 'nodejs', scale: { min: 5, max: 1 }, code: {} });
  const { message } = await reason('bad', 'Invalid');
  for (const path of ['spec.handler', 'spec.scale.min', 'spec.code']) expect(message).toContain(path);
  expect((await read('bad'))?.metadata.finalizers ?? []).toEqual([]);
  expect(await store.findFunction('acme', 'bad')).toBeNull();
  await apply('secretive', { ...spec('x'), secrets: [{ name: 'token', env: 'TOKEN' }] });
  expect((await reason('secretive', 'Refused')).message).toContain('there is no secret token');
  await apply('far', { ...spec('x'), code: { digest: `sha256:${'1'.repeat(64)}` } });
  expect((await reason('far', 'Refused')).message).toContain('is not in the store');
  await apply('map', { ...spec('x'), code: { configMap: { name: 'none' } } });
  expect((await reason('map', 'Refused')).message).toContain('there is no ConfigMap none in the namespace acme');
  expect(workflows.deploys).toEqual([]);
});

test('the files of a ConfigMap are code of the tenant, and another tenant may not run them by their digest', async () => {
  await kubernetes.create(CONFIG_MAPS, { metadata: { name: 'm', namespace: 'acme' }, data: { 'index.js': 'x' } });
  await apply('hello', { ...spec(''), code: { configMap: { name: 'm' } } });
  await reason('hello', 'Deploying');
  const digest = String((await read('hello'))?.status?.['codeDigest']);
  expect([...images.blobs.keys()]).toEqual([digest]);
  expect([await store.hasCode('acme', digest), await store.hasCode('other', digest)]).toEqual([true, false]);
});

test('what was changed behind the object’s back is put back and told of once', async () => {
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  await store.deleteFunction('acme', 'hello');
  await reason('hello', 'Deploying');
  await finish(1);
  await reason('hello', 'Deployed');
  const { items } = await store.events({ tenant: 'acme', types: ['function.drifted'] });
  expect(items.map(({ data }) => data)).toEqual([{ message: 'somebody has deleted the function; it is put back' }]);
});

test('of two controllers that see the same change one tells of it', async () => {
  const other = start();
  await other.start();
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  const first = workflows.deploys[0]?.deploymentId;
  await store.deleteFunction('acme', 'hello');
  const again = () => workflows.deploys.findIndex(({ deploymentId }) => deploymentId !== first);
  await until(async () => again() >= 0);
  await reason('hello', 'Deploying');
  await finish(again());
  await reason('hello', 'Deployed');
  await other.stop();
  const { items } = await store.events({ tenant: 'acme', types: ['function.drifted'] });
  expect(items).toHaveLength(1);
});

test('a deployment whose workflow was never started, because its worker died, is started by the next', async () => {
  await apply('hello', spec('one'));
  await reason('hello', 'Deploying');
  await controller.stop();
  const [first] = workflows.deploys.splice(0);
  controller = start();
  await controller.start();
  expect(await until(async () => workflows.deploys[0])).toEqual(first);
  await finish(0);
  await reason('hello', 'Deployed');
});

test('an object goes when nothing is left of it', async () => {
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  instances = [
    { tenant: 'acme', function: 'hello', revisionId: 'r1' },
    { tenant: 'other', function: 'hello', revisionId: 'r2' },
  ];
  left = 1;
  await kubernetes.delete(TYPE, { name: 'hello', namespace: 'acme' });
  await until(async () => retired.length > 0);
  expect(await store.findFunction('acme', 'hello')).toBeNull();
  expect((await read('hello'))?.metadata.finalizers).toEqual([FINALIZER]);
  left = 0;
  await until(async () => (await read('hello')) === null);
  expect(new Set(retired)).toEqual(new Set(['r1']));
});

test('while Temporal is away an object says so, and is deployed when it is back', async () => {
  workflows.away = true;
  await apply('hello', spec('one'));
  await until(async () => warnings.length > 0);
  workflows.away = false;
  expect((await reason('hello', 'DeployFailed')).message).toContain('Temporal is away');
});

test('a budget counts, says what is in force, and leaves one of the API alone', async () => {
  const make = (name: string, body: object, generation = 1) => {
    const object: unknown = { metadata: { name, namespace: 'acme', generation }, spec: body };
    return kubernetes.apply(typeOf(BUDGETS), object as ServedObject);
  };
  const condition = (name: string, type: string, wanted: string) =>
    until(async () => {
      const object = await kubernetes.find(typeOf(BUDGETS), { name, namespace: 'acme' });
      return object?.status?.conditions?.find((one) => one.type === type && one.reason === wanted);
    });
  await make('month', { limit: '5' });
  expect(await condition('month', 'Enforced', 'Counts')).toMatchObject({ status: 'True' });
  expect(workflows.enforced).toEqual(['acme']);
  const budget = (await store.findBudget('acme', 'month')) as BudgetRecord;
  expect(budget).toMatchObject({ origin: 'kubernetes', spec: { limit: '5', period: 'monthly' } });
  await store.setBudgetState(sampleBudgetState(budget.id, { steps: ['refuse'] }), { ifDecidedAt: null, events: [] });
  expect(await condition('month', 'Exhausted', 'LimitReached')).toMatchObject({ status: 'True' });
  await make('month', { limit: '0' }, 2);
  expect(await condition('month', 'Enforced', 'EarlierSpec')).toMatchObject({ status: 'True' });
  expect(await store.findBudget('acme', 'month')).toMatchObject({ spec: { limit: '5' } });
  await store.putBudget({ tenant: 'acme', name: 'own', spec: budget.spec, origin: 'api' });
  await make('own', { limit: '7' });
  expect(await condition('own', 'Enforced', 'NameTaken')).toMatchObject({ status: 'False' });
  expect(await store.findBudget('acme', 'own')).toMatchObject({ origin: 'api', spec: { limit: '5' } });
});

test('a change of one budget has that one looked at, and no other', async () => {
  const make = (name: string, generation: number, limit: string) => {
    const object: unknown = { metadata: { name, namespace: 'acme', generation }, spec: { limit } };
    return kubernetes.apply(typeOf(BUDGETS), object as ServedObject);
  };
  const limits = async () => (await store.budgets()).map(({ name, spec }) => `${name} ${spec.limit}`).join();
  await make('a', 1, '5');
  await make('b', 1, '5');
  await until(async () => (await limits()) === 'a 5,b 5');
  await until(() => Promise.resolve(kubernetes.writes.length >= 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const looked: string[] = [];
  const put = store.putBudget;
  store.putBudget = (budget) => {
    looked.push(budget.name);
    return put(budget);
  };
  await make('a', 2, '6');
  await until(async () => (await limits()) === 'a 6,b 5');
  const { id } = (await store.findBudget('acme', 'a')) as BudgetRecord;
  await store.setBudgetState(sampleBudgetState(id, { steps: ['queue'] }), { ifDecidedAt: null, events: [] });
  await until(() => Promise.resolve(looked.length >= 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(new Set(looked)).toEqual(new Set(['a']));
});

test('a budget says that prices or its secret are missing, and when they are there', async () => {
  prices = { ...prices, tiers: { ...prices.tiers, edge: { ...prices.tiers.edge, request: 0, cpuSecond: 0, gbSecondRunning: 0 } } }; // prettier-ignore
  await controller.stop();
  controller = start();
  await controller.start();
  const webhook = { url: 'https://hooks.example.com', secret: 'hook' };
  const object: unknown = {
    metadata: { name: 'month', namespace: 'acme', generation: 1 },
    spec: { limit: '5', webhook },
  };
  await kubernetes.apply(typeOf(BUDGETS), object as ServedObject);
  const condition = (type: string, reason: string) =>
    until(async () => {
      const found = await kubernetes.find(typeOf(BUDGETS), { name: 'month', namespace: 'acme' });
      return found?.status?.conditions?.find((one) => one.type === type && one.reason === reason);
    });
  const missing = await condition('Enforced', 'PricesMissing');
  expect([missing.status, missing.message]).toEqual(['False', expect.stringContaining('no prices for edge')]);
  const unset = await condition('WebhookReady', 'SecretMissing');
  expect([unset.status, unset.message]).toEqual(['False', expect.stringContaining('presage secret set hook')]);
  // It holds what it sees all the same.
  expect(await store.findBudget('acme', 'month')).toMatchObject({ spec: { limit: '5' } });

  prices = priceTableOf(costSettingsSchema.parse({}));
  await store.putSecret('acme', 'hook', Buffer.from('sealed'));
  await controller.stop();
  controller = start();
  await controller.start();
  expect(await condition('Enforced', 'Counts')).toMatchObject({ status: 'True' });
  expect(await condition('WebhookReady', 'SecretFound')).toMatchObject({ status: 'True' });
});

test('budgets that are declared no more are forgotten, also those that went while nobody looked', async () => {
  const budget = (name: string) => ({ metadata: { name, namespace: 'acme', generation: 1 }, spec: { limit: '5' } });
  const kept = async (): Promise<string> => (await store.budgets()).map(({ name }) => name).join();
  await kubernetes.create(typeOf(BUDGETS), budget('a') as unknown as ServedObject);
  await kubernetes.create(typeOf(BUDGETS), budget('b') as unknown as ServedObject);
  await until(async () => (await kept()) === 'a,b');
  await controller.stop();
  expect(await kept()).toBe('a,b');
  await kubernetes.delete(typeOf(BUDGETS), { name: 'a', namespace: 'acme' });
  controller = start();
  await controller.start();
  await until(async () => (await kept()) === 'b');
});
