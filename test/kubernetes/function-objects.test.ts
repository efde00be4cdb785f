import { Components } from '../../bench/harness/components';
import { LocalKubernetes } from '../../bench/kubernetes/local-kubernetes';
import { BUDGETS, FUNCTIONS, PLACEMENT_POLICIES } from '../../core/kubernetes/custom-resources';
import { PAUSED } from '../../core/kubernetes/declared-object';
import { assetPath } from '../../drivers/asset-path';
import type { KubernetesApi } from '../../drivers/kubernetes/kubernetes-api';
import { namespacedType, type KubernetesObject } from '../../drivers/kubernetes/resource-type';
import { NAMESPACES, SECRETS } from '../../drivers/kubernetes/resources';
import { RestKubernetesApi } from '../../drivers/kubernetes/rest/rest-kubernetes-api';
import { openPostgresStore } from '../../drivers/store/postgres';
import type { Store } from '../../drivers/store/store';
import { ownPostgresUrl } from '../../workers/all/services/postgres-cluster';
import { typeOf, type ServedObject } from '../../workers/control/kubernetes/object-writer';
import { openTestPlatform, until, type TestPlatform } from '../e2e/support/test-platform';
import { applyManifest, objectsOf } from './support/apply-manifest';
import { applyDefinitions, countedCalls } from './support/custom-resources';

jest.setTimeout(300_000);

const TYPE = typeOf(FUNCTIONS);
const HEALED_MS = 20_000;

let local: LocalKubernetes;
let api: KubernetesApi;
/** Of the control worker's own account, which has no other rights than those that the files give. */
let kubeconfig: string;
let platform: TestPlatform;
let store: Store;

beforeAll(async () => {
  local = await LocalKubernetes.start({ nodes: [] });
  api = await local.api();
  await applyDefinitions(api);
  await api.create(NAMESPACES, { metadata: { name: 'acme' } });
  for (const file of ['control-nodes', 'control-objects']) {
    await applyManifest(api, assetPath(`deploy/kubernetes/${file}.yaml`));
  }
  kubeconfig = await local.serviceAccountKubeconfig('presage', 'presage-control');
  platform = await openTestPlatform({
    PRESAGE__KUBERNETES__KUBECONFIG: kubeconfig,
    PRESAGE__OBJECTS__ENABLED: 'true',
    PRESAGE__OBJECTS__PUBLICURL: 'https://functions.example.com/',
    PRESAGE__AGENT__LINGER: '100ms',
  });
  store = openPostgresStore(ownPostgresUrl(platform.config));
}, 300_000);

afterAll(async () => {
  await store?.close();
  await platform?.stop();
  await api?.close();
  await local?.stop();
});

/** Writes a Function as a person would, one that answers with this text. */
async function put(name: string, text: string, spec: object = {}, metadata: object = {}): Promise<void> {
  const files = { 'index.js': `exports.handler = () => ${JSON.stringify(text)};` };
  const body = { runtime: 'nodejs', handler: 'index.handler', network: 'none', code: { files }, ...spec };
  const object = { metadata: { name, namespace: 'default', ...metadata }, spec: body } as unknown as ServedObject;
  await api.apply(TYPE, object, { fieldManager: 'a-person' });
}

const read = (name: string, namespace = 'default'): Promise<ServedObject | null> => api.find(TYPE, { name, namespace });

async function remove(name: string, namespace = 'default'): Promise<void> {
  await api.delete(TYPE, { name, namespace });
  await until(`${name} is gone`, async () => (await read(name, namespace)) === null, 60_000);
}

function conditionOf(object: ServedObject | null, type: string) {
  const condition = object?.status?.conditions?.find((one) => one.type === type);
  return condition?.observedGeneration === object?.metadata.generation ? condition : undefined;
}

async function ready(name: string, namespace = 'default'): Promise<ServedObject> {
  let seen: ServedObject | null = null;
  const look = async (): Promise<ServedObject | false> => {
    seen = await read(name, namespace);
    return conditionOf(seen, 'Ready')?.status === 'True' && seen !== null && seen;
  };
  return until(`${name} is ready`, look, 60_000).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(seen?.status)}`);
  });
}

/** Waits for the reason that it is not ready. @returns the message with it */
const notReady = (name: string, reason: string): Promise<string> =>
  until(
    `${name} is not ready: ${reason}`,
    async () => {
      const condition = conditionOf(await read(name), 'Ready');
      return condition?.reason === reason && condition.status === 'False' ? condition.message : undefined;
    },
    60_000,
  );

/** Gateways hear of a change a moment later than it is made. */
const answers = (name: string, text: string): Promise<unknown> =>
  until(`${name} answers ${text}`, async () => (await platform.invoke(name)).body === text, 60_000);

test('the last commands of the README’s way: code is uploaded, its object applied, ready, and called', async () => {
  const { code, stdout, stderr } = await platform.cli('manifest', assetPath('examples/hello-node'));
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const [object, ...others] = objectsOf(stdout) as ServedObject[];
  expect([object?.metadata.name, others]).toEqual(['hello-node', []]);
  await api.apply(TYPE, { ...object, metadata: { ...object?.metadata, namespace: 'default' } } as ServedObject, { fieldManager: 'a-person' }); // prettier-ignore
  await ready('hello-node');
  expect(await platform.cli('invoke', 'hello-node', '-v')).toMatchObject({ code: 0 });
  await remove('hello-node');
});

test('an object is the deploy, its change a new revision, and its end the end of everything', async () => {
  const checkpoint = { warmUp: [{ path: '/' }] };
  await put('hello', 'one', { checkpoint });
  const first = await ready('hello');
  expect(first.status).toMatchObject({
    revision: 1,
    url: 'https://functions.example.com/fn/default/hello/',
    codeDigest: expect.stringMatching(/^sha256:/),
  });
  expect(first.metadata.finalizers).toEqual(['presage.dev/platform']);
  await answers('hello', 'one');

  await put('hello', 'two', { checkpoint });
  expect((await ready('hello')).status).toMatchObject({ revision: 2 });
  await answers('hello', 'two');

  await remove('hello');
  expect((await platform.probe.send('/v1/functions/hello')).status).toBe(404);
  expect((await platform.invoke('hello')).status).toBe(404);
  // Agents write what became of instances a moment later.
  await until('all instances have ended', async () => {
    const { body } = await platform.probe.send('/v1/instances?function=hello&live=true');
    return (JSON.parse(body) as { items: unknown[] }).items.length === 0;
  });
  const states = ['making', 'ready', 'quarantined'] as const;
  expect(await store.checkpoints({ tenant: 'default', function: 'hello', states })).toEqual([]);
});

test('a namespace is a tenant, and a ConfigMap can hold the code', async () => {
  const maps = namespacedType<KubernetesObject & { data: object }>('v1', 'ConfigMap', 'configmaps');
  const spec = { code: { configMap: { name: 'greet-code' } }, public: true };
  await put('greet', '', spec, { namespace: 'acme' });
  await until('the missing map is told', async () =>
    conditionOf(await read('greet', 'acme'), 'Accepted')?.message.includes('there is no ConfigMap greet-code'),
  );
  const data = { 'index.js': 'exports.handler = () => "from a map";' };
  await api.create(maps, { metadata: { name: 'greet-code', namespace: 'acme' }, data });
  // What an object refers to is looked for again within half a minute; a change of the object itself is seen at once.
  await put('greet', '', spec, { namespace: 'acme', labels: { a: 'b' } });
  await ready('greet', 'acme');
  expect((await platform.probe.send('/fn/acme/greet/')).body).toBe('from a map');
  expect((await store.findFunction('acme', 'greet'))?.labels).toEqual({ a: 'b' });
  await remove('greet', 'acme');
});

test('what is wrong is told with all problems, by the API server or as a condition, and nothing is changed', async () => {
  await put('strict', 'good');
  await ready('strict');
  await expect(put('strict', 'bad', { scale: { min: 9, max: 3 }, timeouts: { start: '5x' } })).rejects.toMatchObject({
    code: 'invalid_argument',
    problems: expect.arrayContaining([
      expect.objectContaining({ path: 'spec.timeouts.start' }),
      expect.objectContaining({ path: 'spec.scale', message: expect.stringContaining('min is above max') }),
    ]),
  });
  await put('strict', 'bad', { env: { PORT: '1' }, triggers: [{ name: 'a', cron: '99 * * * *' }] });
  const invalid = await notReady('strict', 'Invalid');
  for (const text of ['spec.env.PORT', 'spec.triggers.0.cron', 'what was deployed before stays'])
    expect(invalid).toContain(text);
  await put('strict', 'bad', { secrets: [{ name: 'nowhere', env: 'X' }] });
  expect(await notReady('strict', 'Refused')).toContain('there is no secret nowhere in the tenant default');
  expect((await read('strict'))?.status).toMatchObject({ revision: 1 });
  await answers('strict', 'good');

  await put('strict', 'bad', { code: { files: { 'index.js': 'throw new Error("never loads")' } } });
  expect(await notReady('strict', 'DeployFailed')).toContain('it is tried again');
  await answers('strict', 'good');

  await put('strict', 'better');
  await ready('strict');
  await answers('strict', 'better');
});

test('what somebody else changes is put back, and only told of where the object is paused', async () => {
  await put('drift', 'one');
  await ready('drift');
  await put('drift', 'two');
  await ready('drift');
  const body = JSON.stringify({ weights: [{ revision: 1, weight: 100 }] });
  const moved = await platform.probe.send('/v1/functions/drift/aliases/live', { method: 'PUT', body });
  expect(moved.status).toBe(200);
  const told = (text: string) =>
    until(`an event: ${text}`, async () => {
      const { items } = await store.events({ tenant: 'default', types: ['function.drifted'] });
      return items.some(({ data }) => JSON.stringify(data).includes(text));
    });
  await told('pointed live at revision 1');
  await answers('drift', 'two');
  await ready('drift');

  expect((await platform.probe.send('/v1/functions/drift', { method: 'DELETE' })).status).toBe(204);
  await told('somebody has deleted the function');
  await answers('drift', 'two');
  await ready('drift');

  const annotations = { [PAUSED]: 'true' };
  await put('drift', 'two', {}, { annotations });
  expect((await platform.probe.send('/v1/functions/drift', { method: 'DELETE' })).status).toBe(204);
  expect(await notReady('drift', 'Drifted')).toContain('somebody has deleted the function; nothing is done about it');
  await put('drift', 'three', {}, { annotations });
  expect(await notReady('drift', 'Paused')).toContain('paused');
  await put('drift', 'three');
  await ready('drift');
  await answers('drift', 'three');
});

/** Takes its time to load, so that something can happen meanwhile. */
const slow = (text: string): object => ({
  code: {
    files: {
      'index.js': `const until = Date.now() + 2500; while (Date.now() < until); exports.handler = () => "${text}";`,
    },
  },
});
const begun = (name: string): Promise<unknown> =>
  until('the deployment has begun', async () => (await platform.probe.send(`/v1/functions/${name}`)).status === 200);

test('a control worker that is killed in the middle is carried on by the next', async () => {
  const components = new Components(platform.config);
  await put('resumes', '', slow('after a kill'));
  await begun('resumes');
  expect((await components.kill('control', HEALED_MS)).healedMs).not.toBeNull();
  await ready('resumes');
  await answers('resumes', 'after a kill');
  await api.delete(TYPE, { name: 'resumes', namespace: 'default' });
  expect((await components.kill('control', HEALED_MS)).healedMs).not.toBeNull();
  await until('the object is gone', async () => (await read('resumes')) === null, 60_000);
  expect((await platform.probe.send('/v1/functions/resumes')).status).toBe(404);
});

test('an API server that is killed in the middle is waited for', async () => {
  await put('patient', '', slow('meanwhile'));
  await begun('patient');
  await local.end('kube-apiserver', 'SIGKILL');
  // The deployment goes on without it.
  await answers('patient', 'meanwhile');
  await local.startAgain('kube-apiserver');
  await ready('patient');
  await put('patient', 'later');
  await ready('patient');
  await answers('patient', 'later');
});

test('a change costs so many calls, however many functions there are', async () => {
  const costs: number[] = [];
  for (const count of [1, 4]) {
    const names = Array.from({ length: count }, (_, index) => `counted-${count}-${index}`);
    const before = await countedCalls(local, 'functions');
    await Promise.all(names.map((name) => put(name, 'x')));
    for (const name of names) {
      // Looking at objects would be calls too.
      await until(`${name} serves`, async () => (await platform.invoke(name)).status === 200, 60_000);
      await until(`${name} is deployed`, async () => {
        const [newest] = (await store.deployments({ tenant: 'default', function: name, limit: 1 })).items;
        return newest?.state === 'succeeded';
      });
    }
    const settled = async (): Promise<boolean> => {
      const seen = await countedCalls(local, 'functions');
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return (await countedCalls(local, 'functions')) === seen;
    };
    await until('nothing is written any more', settled);
    // The applying itself is no cost of the controller's.
    costs.push((await countedCalls(local, 'functions')) - before - count);
  }
  // One that keeps the object, and one each that it is being deployed and that it is ready.
  expect(costs).toEqual([3, 12]);
});

test('a placement policy counts in the namespace of the platform alone, and the oldest of them', async () => {
  const type = typeOf(PLACEMENT_POLICIES);
  const make = (name: string, namespace: string, spec: object) =>
    api.create(type, { metadata: { name, namespace }, spec } as unknown as ServedObject);
  const effective = (name: string, namespace: string) =>
    until(`${name} is judged`, async () =>
      (await api.find(type, { name, namespace }))?.status?.conditions?.find((one) => one.type === 'Effective'),
    );
  await make('near-users', 'presage', { weights: { user: 3 }, maxMoves: 2 });
  expect(await effective('near-users', 'presage')).toMatchObject({ status: 'True', reason: 'Counts' });
  await make('tenants-own', 'acme', { enabled: false });
  expect(await effective('tenants-own', 'acme')).toMatchObject({ status: 'False', reason: 'OtherNamespace' });
  await make('second', 'presage', { enabled: false });
  expect(await effective('second', 'presage')).toMatchObject({ status: 'False', reason: 'Superseded' });
  expect(await store.declaredPolicies('PlacementPolicy')).toMatchObject([
    { tenant: 'presage', name: 'near-users', spec: { weights: { user: 3 }, maxMoves: 2 } },
  ]);
  await api.delete(type, { name: 'near-users', namespace: 'presage' });
  await until('the second counts', async () => (await store.declaredPolicies('PlacementPolicy'))[0]?.name === 'second');
  await api.delete(type, { name: 'second', namespace: 'presage' });
  await until('none counts', async () => (await store.declaredPolicies('PlacementPolicy')).length === 0);
});

test('a budget is checked and counts, and ends with its object', async () => {
  const type = typeOf(BUDGETS);
  const make = (limit: string) =>
    api.apply(type, { metadata: { name: 'month', namespace: 'acme' }, spec: { limit } } as unknown as ServedObject);
  await expect(make('0.00')).rejects.toMatchObject({ code: 'invalid_argument' });
  await make('250.00');
  const conditions = await until('it is judged', async () => {
    const found = (await api.find(type, { name: 'month', namespace: 'acme' }))?.status?.conditions;
    return found?.length ? found : undefined;
  });
  expect(conditions).toMatchObject([
    { type: 'Accepted', status: 'True' },
    { type: 'Enforced', status: 'True', reason: 'Counts' },
    { type: 'Exhausted', status: 'False', reason: 'WithinLimit' },
  ]);
  const spec = { limit: '250.00', period: 'monthly' };
  expect(await store.findBudget('acme', 'month')).toMatchObject({ origin: 'kubernetes', generation: 1, spec });
  await make('300.00');
  await until('it is raised', async () => (await store.findBudget('acme', 'month'))?.spec.limit === '300.00');
  await until('it is decided about', async () => (await store.budgetStates({ tenant: 'acme' })).length === 1);
  await api.delete(type, { name: 'month', namespace: 'acme' });
  await until('it is gone', async () => (await store.findBudget('acme', 'month')) === null);
});

test('the control worker may do nothing more than it must', async () => {
  const control = await RestKubernetesApi.open({ kubeconfig });
  const maps = namespacedType('v1', 'ConfigMap', 'configmaps');
  const attempts = [
    () => control.list(SECRETS),
    () => control.list(maps),
    () => control.delete(TYPE, { name: 'drift', namespace: 'default' }),
    () =>
      control.create(TYPE, { metadata: { name: 'own', namespace: 'default' }, spec: {} } as unknown as ServedObject),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
  await control.close();
});
