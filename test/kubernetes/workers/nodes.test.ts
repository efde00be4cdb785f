import { FAKE, FAKE_NODES } from '../../../bench/kubernetes/fake-nodes';
import { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import { jsonOf } from '../../../bench/harness/http-probe';
import { assetPath } from '../../../drivers/asset-path';
import { NODES } from '../../../drivers/kubernetes/resources';
import type { RestKubernetesApi } from '../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { openTestPlatform, until, type TestPlatform } from '../../e2e/support/test-platform';
import { applyManifest } from '../support/apply-manifest';

jest.setTimeout(300_000);

interface NodeView {
  readonly name: string;
  readonly tier: string;
  readonly region: string;
  readonly state: string;
  readonly reason: string | null;
}

/** With agents on this machine, whose configuration knows nothing of tiers. */
const NAMES = ['edge-0', 'edge-1', 'regional-0'];

let local: LocalKubernetes;
let api: RestKubernetesApi;
let platform: TestPlatform;

beforeAll(async () => {
  local = await LocalKubernetes.start({ nodes: FAKE_NODES.filter(({ name }) => NAMES.includes(name)) });
  api = await local.api();
  await applyManifest(api, assetPath('deploy/kubernetes/control-nodes.yaml'));
  platform = await openTestPlatform({
    PRESAGE__CLUSTER: 'kubernetes',
    // With the rights of the manifest, and no others.
    PRESAGE__KUBERNETES__KUBECONFIG: await local.serviceAccountKubeconfig('presage', 'presage-control'),
    // Each as large as the machine: no two functions are busy at once here.
    PRESAGE__NODES: JSON.stringify(NAMES.map((name) => ({ name, cpu: '2', memory: '1Gi' }))),
    PRESAGE__AGENT__SANDBOX: 'process',
  });
});
afterAll(async () => {
  await platform?.stop();
  await api?.close();
  await local?.stop();
});

const nodes = async (): Promise<readonly NodeView[]> =>
  jsonOf<{ items: NodeView[] }>(await platform.probe.send('/v1/nodes')).items;
/** A drain shifts traffic in steps, and waits for each. */
const DRAIN_MS = 60_000;
const becomes = async (name: string, state: string, timeoutMs = 30_000): Promise<NodeView> => {
  let last: NodeView | undefined;
  const look = async (): Promise<NodeView | false> => {
    last = (await nodes()).find((one) => one.name === name);
    return last?.state === state && last;
  };
  return until(`${name} to be ${state}`, look, timeoutMs).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(last)}`);
  });
};
const events = async (type: string): Promise<readonly unknown[]> =>
  jsonOf<{ items: { node: string }[] }>(await platform.probe.send(`/v1/events?all=true&types=${type}`)).items.map(
    ({ node }) => node,
  );
/** Which node answers a call. */
const home = async (name: string): Promise<string> => {
  const answer = await fetch(`${platform.url}/fn/default/${name}/`, {
    headers: { authorization: `Bearer ${platform.apiKey}` },
  });
  expect(answer.status).toBe(200);
  const id = answer.headers.get('x-request-id') ?? '';
  const record = await until('the record', async () => {
    const found = await platform.probe.send(`/v1/invocations/${id}`);
    return found.status === 200 && jsonOf<{ node: string }>(found);
  });
  return record.node;
};
const patch = (name: string, change: object): Promise<unknown> => api.patch(NODES, { name }, change);

test('nodes have the tiers and regions of Kubernetes, whatever the agents were told', async () => {
  await until('three descriptions', async () => (await nodes()).filter(({ tier }) => tier !== 'central').length === 3);
  expect(await nodes()).toMatchObject([
    { name: 'edge-0', tier: 'edge', region: 'eu', state: 'ready' },
    { name: 'edge-1', tier: 'edge', region: 'eu', state: 'ready' },
    { name: 'regional-0', tier: 'regional', region: 'eu', state: 'ready' },
  ]);
});

test('a function goes to the tier that it asks for', async () => {
  await platform.deploy(
    'ashore',
    { tier: { allow: ['regional'] }, checkpoint: { when: 'never' } },
    { 'index.js': 'exports.handler = () => "here";' },
  );
  expect(await home('ashore')).toBe('regional-0');
});

test('a cordon in Kubernetes is one here, and ends with it', async () => {
  await patch('edge-0', { spec: { unschedulable: true } });
  expect(await becomes('edge-0', 'cordoned')).toMatchObject({ reason: 'kubernetes: unschedulable' });
  await patch('edge-0', { spec: { unschedulable: null } });
  await becomes('edge-0', 'ready');
  // It is told right after it is so.
  await until('the event', async () => (await events('node.uncordoned')).length > 0);
  expect(await events('node.uncordoned')).toEqual(['edge-0']);
  expect(await events('node.cordoned')).toEqual(['edge-0']);
});

test('a node that Kubernetes takes away is drained: its functions move, and it comes back when it is to', async () => {
  await platform.deploy(
    'moving',
    { tier: { allow: ['edge'] }, checkpoint: { when: 'never' } },
    { 'index.js': 'exports.handler = () => "here";' },
  );
  const from = await home('moving');
  const to = from === 'edge-0' ? 'edge-1' : 'edge-0';
  const { spec } = await api.get(NODES, { name: from });
  const taints = [...(spec?.taints ?? []), { key: 'presage.dev/drain', effect: 'NoSchedule' }];
  await patch(from, { spec: { taints } });
  expect(await becomes(from, 'drained', DRAIN_MS)).toMatchObject({ reason: 'kubernetes: taint presage.dev/drain' });
  expect(await home('moving')).toBe(to);
  const done = jsonOf<{ items: { from: string; to: string; reason: string; state: string }[] }>(
    await platform.probe.send('/v1/migrations?function=moving'),
  ).items;
  expect(done).toMatchObject([{ from, to, reason: 'drain' }]);
  await patch(from, { spec: { taints: spec?.taints ?? [] } });
  await becomes(from, 'ready');
});

test('a node that is not ready gets nothing new while its agent answers', async () => {
  await patch('edge-1', { metadata: { annotations: { [FAKE.silent]: 'true' } } });
  expect((await becomes('edge-1', 'cordoned')).reason).toMatch(/^kubernetes: not ready/);
  await patch('edge-1', { metadata: { annotations: { [FAKE.silent]: null } } });
  await becomes('edge-1', 'ready');
});

test('changes while the API server is away are followed when it is back', async () => {
  await local.end('kube-apiserver', 'SIGKILL');
  expect(await home('ashore')).toBe('regional-0');
  await local.startAgain('kube-apiserver');
  await patch('edge-0', { spec: { unschedulable: true } });
  await becomes('edge-0', 'cordoned');
  await patch('edge-0', { spec: { unschedulable: null } });
  await becomes('edge-0', 'ready');
});

test('a node that is gone is emptied, and its agent with it', async () => {
  await api.delete(NODES, { name: 'edge-1' });
  await becomes('edge-1', 'drained', DRAIN_MS);
});
