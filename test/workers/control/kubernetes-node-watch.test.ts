import pino from 'pino';
import type { KubernetesNode } from '../../../drivers/cluster/kubernetes/kubernetes-node';
import { KubernetesNodeWatch } from '../../../workers/control/kubernetes-node-watch';
import { sampleInstance } from '../../drivers/store/sample-records';
import { sampleBeat } from '../../drivers/store/node-contract';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';

let now: number;
let store: MemoryStore;
let nodes: KubernetesNode[];
let drains: string[];
let temporalAway: boolean;
const watches: KubernetesNodeWatch[] = [];

beforeEach(async () => {
  now = 1_000_000;
  store = createMemoryStore(() => new Date(now));
  await store.ensureTenant('default');
  nodes = [node()];
  drains = [];
  temporalAway = false;
  await beat();
});
afterEach(() => Promise.all(watches.splice(0).map((watch) => watch.stop())));

const beat = () => store.beatNode(sampleBeat({ name: 'n1', tier: 'central', region: 'local', incarnation: 'i' }));
const node = (change: Partial<KubernetesNode> = {}): KubernetesNode => ({
  name: 'n1',
  tier: 'edge',
  region: 'eu',
  labels: { 'topology.kubernetes.io/zone': 'eu-a' },
  internalIp: '10.0.0.1',
  capacity: null,
  ready: true,
  wish: 'work',
  why: '',
  ...change,
});
const wants = (wish: KubernetesNode['wish'], why = ''): void => void (nodes = [node({ wish, why })]);

function start(): KubernetesNodeWatch {
  const watch = new KubernetesNodeWatch({
    store,
    nodes: async () => nodes,
    log: pino({ level: 'silent' }),
    drain: async (name, why) => {
      if (temporalAway) throw new Error('Temporal is away');
      drains.push(`${name} ${why}`);
      await store.setNodeState(name, 'draining', { reason: why });
    },
    now: () => new Date(now),
    everyMs: 2,
  });
  watches.push(watch);
  watch.start();
  return watch;
}
const intent = async () => (await store.findNode('n1'))?.intent;
const events = async () => (await store.events({ tenant: null })).items.map(({ type, node: at }) => [type, at]);
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
};
/** Some looks later. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a node is where Kubernetes says it is', async () => {
  start();
  await until(async () => (await store.findNode('n1'))?.tier === 'edge');
  expect(await store.findNode('n1')).toMatchObject({ region: 'eu', labels: { 'topology.kubernetes.io/zone': 'eu-a' } });
});

test('cordon and uncordon are taken over, once each', async () => {
  wants('cordon', 'unschedulable');
  start();
  await until(async () => (await intent()) === 'cordoned');
  expect(await store.findNode('n1')).toMatchObject({ reason: 'kubernetes: unschedulable' });
  await settle();
  wants('work');
  await until(async () => (await intent()) === 'ready');
  await settle();
  expect(await events()).toEqual(
    expect.arrayContaining([
      ['node.cordoned', 'n1'],
      ['node.uncordoned', 'n1'],
    ]),
  );
  expect(await events()).toHaveLength(2);
});

test('what a person has decided here is not taken back', async () => {
  await store.setNodeState('n1', 'cordoned', { reason: 'new kernel' });
  start();
  await settle();
  expect(await store.findNode('n1')).toMatchObject({ intent: 'cordoned', reason: 'new kernel' });
});

test('a drain is begun once, by the next worker where Temporal was away, and ended by an uncordon', async () => {
  wants('drain', 'taint presage.dev/drain');
  temporalAway = true;
  const first = start();
  await settle();
  await first.stop();
  expect(drains).toEqual([]);
  temporalAway = false;
  start();
  await until(() => drains.length > 0);
  await store.setNodeState('n1', 'drained', { reason: 'kubernetes: taint presage.dev/drain' });
  await settle();
  expect(drains).toEqual(['n1 kubernetes: taint presage.dev/drain']);
  wants('work');
  await until(async () => (await intent()) === 'ready');
});

test('a drain that got stuck is not begun again until it is wanted again', async () => {
  wants('drain', 'taint a');
  start();
  await until(() => drains.length === 1);
  await store.setNodeState('n1', 'cordoned', { reason: 'kubernetes: taint a; drain stopped: no room' });
  await settle();
  expect(drains).toHaveLength(1);
  wants('work');
  await until(async () => (await intent()) === 'ready');
  wants('drain', 'taint a');
  await until(() => drains.length === 2);
});

test('a node that is gone is emptied while its agent is heard, and forgotten when it is not', async () => {
  const watch = start();
  await until(async () => (await store.findNode('n1'))?.tier === 'edge');
  await store.upsertInstances([sampleInstance({ id: 'i1', tenant: 'default', node: 'n1' })]);
  nodes = [];
  await until(() => drains.length === 1);
  expect(drains).toEqual(['n1 kubernetes: gone']);
  await watch.stop();
  now += 60_000;
  start();
  await settle();
  // Lost, and its functions may still be on their way.
  expect(await store.findNode('n1')).not.toBeNull();
  now += 15 * 60_000;
  await until(async () => (await store.findNode('n1')) === null);
  await until(async () => (await store.instances({ node: 'n1', live: true })).length === 0);
  expect(await events()).toContainEqual(['node.removed', 'n1']);
});

test('an agent of no node of Kubernetes is left alone', async () => {
  nodes = [];
  start();
  await settle();
  expect(drains).toEqual([]);
  expect(await intent()).toBe('ready');
});
