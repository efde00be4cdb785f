import type { Node, NodeSpec, NodeStatus } from 'kubernetes-types/core/v1';
import { readNode } from '../../../drivers/cluster/kubernetes/kubernetes-node';
import { declared } from './cluster-contract';
import { nodeObject, READING } from './kubernetes-node-object';

const read = (spec: NodeSpec = {}, status: NodeStatus = {}) => {
  const object = nodeObject(declared('a'), spec);
  return readNode({ ...object, status: { ...object.status, ...status } }, READING);
};
const taint = (key: string, effect = 'NoSchedule'): NodeSpec => ({ taints: [{ key, effect }] });

test.each<[string, NodeSpec, string, string]>([
  ['nothing', {}, 'work', ''],
  ['the taint of a tier', taint('presage.dev/tier'), 'work', ''],
  ['unschedulable', { unschedulable: true }, 'cordon', 'unschedulable'],
  [
    'a disk that is full',
    taint('node.kubernetes.io/disk-pressure'),
    'cordon',
    'taint node.kubernetes.io/disk-pressure',
  ],
  ['a taint that means a drain', taint('presage.dev/drain'), 'drain', 'taint presage.dev/drain'],
  ['any taint that drives pods away', taint('broken', 'NoExecute'), 'drain', 'taint broken'],
  ['unreachable, for which pods have time', taint('node.kubernetes.io/unreachable', 'NoExecute'), 'work', ''],
])('%s', (_, spec, wish, why) => {
  expect(read(spec)).toMatchObject({ wish, why, ready: true });
});

test('a node that is not ready gets nothing new, and a drain goes before that', () => {
  const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
  expect(read({}, { conditions })).toMatchObject({ ready: false, wish: 'cordon', why: 'not ready: NodeStatusUnknown' });
  expect(read({}, { conditions: [] })).toMatchObject({ ready: false, wish: 'cordon', why: 'not ready: unheard' });
  expect(read(taint('x', 'NoExecute'), { conditions })).toMatchObject({ ready: false, wish: 'drain' });
});

test('a node without a tier, or with one that there is not, is none of the platform', () => {
  const labelled = (labels: Record<string, string>): Node => ({ metadata: { name: 'a', labels } });
  expect(readNode(labelled({}), READING)).toBeNull();
  expect(readNode(labelled({ 'presage.dev/tier': 'attic' }), READING)).toBeNull();
  expect(readNode(labelled({ 'presage.dev/tier': 'edge' }), READING)).toMatchObject({
    region: 'local',
    capacity: null,
  });
});

test('what cannot be read is not guessed', () => {
  expect(read({}, { allocatable: { cpu: '4', memory: 'much' } })?.capacity).toBeNull();
  expect(read({}, { allocatable: { cpu: '4', memory: '16393244Ki' } })?.capacity).toEqual({
    cpuMillis: 4000,
    memoryBytes: 16393244 * 1024,
    slots: 110,
  });
});
