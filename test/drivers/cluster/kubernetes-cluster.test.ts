import type { Node } from 'kubernetes-types/core/v1';
import type { Cluster, ClusterNode } from '../../../drivers/cluster/cluster';
import { createKubernetesCluster } from '../../../drivers/cluster/kubernetes/kubernetes-cluster';
import { KubernetesNodes } from '../../../drivers/cluster/kubernetes/kubernetes-nodes';
import { NODES } from '../../../drivers/kubernetes/resources';
import { MemoryKubernetes } from '../../fakes/memory-kubernetes';
import { declared, describeCluster } from './cluster-contract';
import { nodeObject, READING } from './kubernetes-node-object';

const PORT = 7443;
const open: KubernetesNodes[] = [];
afterEach(() => Promise.all(open.splice(0).map((nodes) => nodes.stop())));

async function setUp(objects: readonly Node[], agents?: Cluster) {
  const api = new MemoryKubernetes();
  for (const object of objects) await api.create(NODES, object);
  const changed: string[] = [];
  const nodes = new KubernetesNodes({ ...READING, api, onChange: (name) => changed.push(name) });
  open.push(nodes);
  return { api, nodes, changed, cluster: createKubernetesCluster(nodes, PORT, agents) };
}

describeCluster(
  'the Kubernetes cluster',
  async (nodes) => (await setUp(nodes.map((node) => nodeObject(node)))).cluster,
);

test('a node is reached where its agent listens, and has what pods may have', async () => {
  const { cluster } = await setUp([nodeObject(declared('a'))]);
  expect(await cluster.nodes()).toMatchObject([
    { address: '10.0.0.7:7443', capacity: { memoryBytes: 8 * 2 ** 30, cpuMillis: 3920, slots: 58 } },
  ]);
});

test('nodes without a tier are not of the platform, also when they lose it', async () => {
  const plain = nodeObject(declared('plain'));
  const { api, cluster, changed } = await setUp([
    nodeObject(declared('a')),
    { ...plain, metadata: { ...plain.metadata, labels: {} } },
  ]);
  expect((await cluster.nodes()).map(({ name }) => name)).toEqual(['a']);
  await api.patch(NODES, { name: 'a' }, { metadata: { labels: { [READING.tierLabel]: null } } });
  expect(await cluster.nodes()).toEqual([]);
  expect(changed).toEqual(['a', 'a']);
});

test('its state follows the node', async () => {
  const { api, cluster } = await setUp([nodeObject(declared('a'))]);
  const state = async (): Promise<unknown> => (await cluster.nodes())[0]?.state;
  expect(await state()).toBe('ready');
  await api.patch(NODES, { name: 'a' }, { spec: { unschedulable: true } });
  expect(await state()).toBe('cordoned');
  await api.patch(NODES, { name: 'a' }, { spec: { taints: [{ key: 'presage.dev/drain', effect: 'NoSchedule' }] } });
  expect(await state()).toBe('draining');
  await api.patch(
    NODES,
    { name: 'a' },
    { status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] } },
    { subresource: 'status' },
  );
  expect(await state()).toBe('lost');
  await api.delete(NODES, { name: 'a' });
  expect(await cluster.nodes()).toEqual([]);
});

describe('with agents', () => {
  const agent = (name: string, change: Partial<ClusterNode> = {}): ClusterNode => ({
    ...declared(name, '10.1.1.1:9000'),
    labels: { rack: '9', own: 'x' },
    state: 'ready',
    capacity: { memoryBytes: 4e9, cpuMillis: 8000, slots: 32 },
    ...change,
  });
  const agents = (...nodes: ClusterNode[]): Cluster => ({ nodes: async () => nodes });

  test('nodes with one are there, also where Kubernetes does not know it; it says where, Kubernetes of what tier, and each bounds what it has', async () => {
    const { cluster } = await setUp(
      [nodeObject({ ...declared('a'), tier: 'regional', region: 'us' }), nodeObject(declared('b'))],
      agents(agent('a'), agent('elsewhere', { state: 'draining' })),
    );
    expect(await cluster.nodes()).toEqual([
      {
        name: 'a',
        tier: 'regional',
        region: 'us',
        address: '10.1.1.1:9000',
        labels: expect.objectContaining({ rack: '7', own: 'x', [READING.tierLabel]: 'regional' }),
        state: 'ready',
        capacity: { memoryBytes: 4e9, cpuMillis: 3920, slots: 32 },
      },
      agent('elsewhere', { state: 'draining' }),
    ]);
  });

  test('what was decided counts, and nothing new comes to a node that Kubernetes takes away', async () => {
    const gone = { unschedulable: true };
    const { cluster } = await setUp(
      [
        nodeObject(declared('a')),
        nodeObject(declared('b'), gone),
        nodeObject(declared('c'), gone),
        nodeObject(declared('d'), gone),
      ],
      agents(
        agent('a', { state: 'drained' }),
        agent('b'),
        agent('c', { state: 'lost' }),
        agent('d', { state: 'draining' }),
      ),
    );
    expect((await cluster.nodes()).map(({ name, state }) => [name, state])).toEqual([
      ['a', 'drained'],
      ['b', 'cordoned'],
      ['c', 'lost'],
      ['d', 'draining'],
    ]);
  });
});
