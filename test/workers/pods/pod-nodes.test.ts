import type { Node } from 'kubernetes-types/core/v1';
import { NODES } from '../../../drivers/kubernetes/resources';
import { PodNodes, tolerationsOf, type PodHost } from '../../../workers/pods/pod-nodes';
import { waitFor } from '../../drivers/sandbox/wait-for';
import { MemoryKubernetes } from '../../fakes/memory-kubernetes';

const reading = { tierLabel: 'presage.dev/tier', regionLabel: 'region', drainTaints: ['presage.dev/drain'] };

function node(name: string, labels: Record<string, string>, spec: Node['spec'] = {}): Node {
  const status = {
    allocatable: { cpu: '4', memory: '8Gi', pods: '100' },
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  return { metadata: { name, labels }, spec, status };
}

test('nodes are those with the label and a tier, as they are now', async () => {
  const api = new MemoryKubernetes();
  const labels = { 'presage.dev/tier': 'edge', 'presage.dev/isolation': 'pod', region: 'eu' };
  await api.create(NODES, node('one', labels));
  await api.create(NODES, node('agents', { 'presage.dev/tier': 'edge' }));
  await api.create(NODES, node('untiered', { 'presage.dev/isolation': 'pod' }));
  let hosts: readonly PodHost[] = [];
  const nodes = new PodNodes({
    ...reading,
    api,
    onChange: (now) => (hosts = now),
    onError: (error) => {
      throw error;
    },
  });
  await waitFor('the first', () => hosts.length === 1);
  expect(hosts).toMatchObject([
    { name: 'one', tier: 'edge', region: 'eu', ready: true, capacity: { cpuMillis: 4000 } },
  ]);
  await api.create(NODES, node('two', labels));
  await waitFor('the second', () => hosts.length === 2);
  await api.delete(NODES, { name: 'one' });
  await waitFor('the first to go', () => hosts.length === 1);
  expect(hosts.map(({ name }) => name)).toEqual(['two']);
  await nodes.stop();
});

test('what keeps others away is tolerated, what says that the node is to be left is not', () => {
  const taints = [
    { key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' },
    { key: 'dedicated', effect: 'NoSchedule' },
    { key: 'presage.dev/drain', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    { key: 'broken', effect: 'NoExecute' },
  ];
  expect(tolerationsOf({ spec: { taints } }, reading.drainTaints)).toEqual([
    { key: 'presage.dev/tier', value: 'edge', effect: 'NoSchedule' },
    { key: 'dedicated', value: undefined, effect: 'NoSchedule' },
  ]);
});
