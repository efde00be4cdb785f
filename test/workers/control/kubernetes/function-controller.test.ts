import { FUNCTIONS } from '../../../../core/kubernetes/custom-resources';
import { FINALIZER } from '../../../../core/kubernetes/declared-object';
import { namespacedType, type KubernetesObject } from '../../../../drivers/kubernetes/resource-type';
import { typeOf, type ServedObject } from '../../../../workers/control/kubernetes/object-writer';
import { ControllerBed, until } from './controller-bed';

const TYPE = typeOf(FUNCTIONS);
const CONFIG_MAPS = namespacedType<KubernetesObject & { data: object }>('v1', 'ConfigMap', 'configmaps');

let bed: ControllerBed;

beforeEach(async () => {
  bed = new ControllerBed();
  await bed.start();
});
afterEach(() => bed.stop());

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
  await bed.kubernetes.apply(TYPE, object);
}

const read = (name: string): Promise<ServedObject | null> => bed.kubernetes.find(TYPE, { name, namespace: 'acme' });
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
  } = await until(async () => bed.workflows.deploys[index]);
  const fn = await bed.store.findFunction(tenant, name);
  const record = fn && (await bed.store.findRevision(fn.id, revision));
  if (!fn || !record) throw new Error('the workflow was started for nothing');
  await bed.store.updateDeployment(deploymentId, { state: 'succeeded', step: 'done' });
  await bed.store.setRevisionState(record.id, 'ready');
  await bed.store.setAlias(fn.id, 'live', [{ revision, weight: 100 }]);
}

test('a new object: kept, deployed once, and ready; three writes in all', async () => {
  await apply('hello', spec('one'), 1, { labels: { team: 'x' } });
  await reason('hello', 'Deploying');
  expect(bed.workflows.deploys).toMatchObject([{ tenant: 'acme', function: 'hello', revision: 1, alias: 'live' }]);
  await finish(0);
  expect(await reason('hello', 'Deployed')).toMatchObject({ status: 'True', message: 'revision 1 serves live' });
  const object = await read('hello');
  expect(object?.metadata.finalizers).toEqual([FINALIZER]);
  expect(object?.status).toMatchObject({
    revision: 1,
    url: 'https://fn.example.com/fn/acme/hello/',
    observedGeneration: 1,
  });
  expect((await bed.store.findFunction('acme', 'hello'))?.labels).toEqual({ team: 'x' });
  expect(bed.kubernetes.writes).toEqual(['finalizers', 'Deploying', 'Deployed']);
  expect([bed.workflows.deploys.length, bed.warnings]).toEqual([1, []]);
});

test('two controllers deploy once and say the same', async () => {
  await bed.start();
  await apply('hello', spec('one'));
  await reason('hello', 'Deploying');
  await finish(0);
  await reason('hello', 'Deployed');
  const revisions = new Set(bed.workflows.deploys.map(({ revision, deploymentId }) => `${revision} ${deploymentId}`));
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
  await until(async () => (await bed.store.findFunction('acme', 'hello'))?.labels['a'] === 'b');
  expect(bed.workflows.deploys).toHaveLength(2);
});

test('what is wrong is a condition with all problems: nothing is made, and nothing keeps the object', async () => {
  await apply('bad', { runtime: 'nodejs', scale: { min: 5, max: 1 }, code: {} });
  const { message } = await reason('bad', 'Invalid');
  for (const path of ['spec.handler', 'spec.scale.min', 'spec.code']) expect(message).toContain(path);
  expect((await read('bad'))?.metadata.finalizers ?? []).toEqual([]);
  expect(await bed.store.findFunction('acme', 'bad')).toBeNull();
  await apply('secretive', { ...spec('x'), secrets: [{ name: 'token', env: 'TOKEN' }] });
  expect((await reason('secretive', 'Refused')).message).toContain('there is no secret token');
  await apply('far', { ...spec('x'), code: { digest: `sha256:${'1'.repeat(64)}` } });
  expect((await reason('far', 'Refused')).message).toContain('is not in the store');
  await apply('map', { ...spec('x'), code: { configMap: { name: 'none' } } });
  expect((await reason('map', 'Refused')).message).toContain('there is no ConfigMap none in the namespace acme');
  expect(bed.workflows.deploys).toEqual([]);
});

test('the files of a ConfigMap are code of the tenant, and another tenant may not run them by their digest', async () => {
  await bed.kubernetes.create(CONFIG_MAPS, { metadata: { name: 'm', namespace: 'acme' }, data: { 'index.js': 'x' } });
  await apply('hello', { ...spec(''), code: { configMap: { name: 'm' } } });
  await reason('hello', 'Deploying');
  const digest = String((await read('hello'))?.status?.['codeDigest']);
  expect([...bed.images.blobs.keys()]).toEqual([digest]);
  expect([await bed.store.hasCode('acme', digest), await bed.store.hasCode('other', digest)]).toEqual([true, false]);
});

test('what was changed behind the object’s back is put back and told of once', async () => {
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  await bed.store.deleteFunction('acme', 'hello');
  await reason('hello', 'Deploying');
  await finish(1);
  await reason('hello', 'Deployed');
  const { items } = await bed.store.events({ tenant: 'acme', types: ['function.drifted'] });
  expect(items.map(({ data }) => data)).toEqual([{ message: 'somebody has deleted the function; it is put back' }]);
});

test('of two controllers that see the same change one tells of it', async () => {
  await bed.start();
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  const first = bed.workflows.deploys[0]?.deploymentId;
  await bed.store.deleteFunction('acme', 'hello');
  const again = () => bed.workflows.deploys.findIndex(({ deploymentId }) => deploymentId !== first);
  await until(async () => again() >= 0);
  await reason('hello', 'Deploying');
  await finish(again());
  await reason('hello', 'Deployed');
  const { items } = await bed.store.events({ tenant: 'acme', types: ['function.drifted'] });
  expect(items).toHaveLength(1);
});

test('a deployment whose workflow was never started, because its worker died, is started by the next', async () => {
  await apply('hello', spec('one'));
  await reason('hello', 'Deploying');
  await bed.stop();
  const [first] = bed.workflows.deploys.splice(0);
  await bed.start();
  expect(await until(async () => bed.workflows.deploys[0])).toEqual(first);
  await finish(0);
  await reason('hello', 'Deployed');
});

test('an object goes when nothing is left of it', async () => {
  await apply('hello', spec('one'));
  await finish(0);
  await reason('hello', 'Deployed');
  bed.instances = [
    { tenant: 'acme', function: 'hello', revisionId: 'r1' },
    { tenant: 'other', function: 'hello', revisionId: 'r2' },
  ];
  bed.left = 1;
  await bed.kubernetes.delete(TYPE, { name: 'hello', namespace: 'acme' });
  await until(async () => bed.retired.length > 0);
  expect(await bed.store.findFunction('acme', 'hello')).toBeNull();
  expect((await read('hello'))?.metadata.finalizers).toEqual([FINALIZER]);
  bed.left = 0;
  await until(async () => (await read('hello')) === null);
  expect(new Set(bed.retired)).toEqual(new Set(['r1']));
});

test('while Temporal is away an object says so, and is deployed when it is back', async () => {
  bed.workflows.away = true;
  await apply('hello', spec('one'));
  await until(async () => bed.warnings.length > 0);
  bed.workflows.away = false;
  expect((await reason('hello', 'DeployFailed')).message).toContain('Temporal is away');
});
