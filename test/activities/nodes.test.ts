import { nodeActivities } from '../../activities/node-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { createRegisteredCluster } from '../../drivers/cluster/registered/registered-cluster';
import { sampleBeat } from '../drivers/store/node-contract';
import { deployRevision, sampleInstance, sampleManifest } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

let now: number;
let store: MemoryStore;
let activities: ReturnType<typeof nodeActivities>;

beforeEach(async () => {
  now = Date.now();
  store = createMemoryStore(() => new Date(now));
  await store.ensureTenant('default');
  for (const [name, region] of [
    ['edge-1', 'eu'],
    ['edge-2', 'eu'],
    ['far-1', 'us'],
  ] as const)
    // prettier-ignore
    await store.beatNode(sampleBeat({ name, region }));
  activities = nodeActivities({
    store,
    cluster: createRegisteredCluster(store, []),
    network: { latency: { eu: { us: 80 } }, nodeLatency: {} },
    agent: async () => ({ drain: async () => ({ ended: 1, left: 0 }) }),
    now: () => now,
  } as unknown as ActivityDependencies);
});

async function living(name: string, node: string): Promise<void> {
  const { function: owner } = await deployRevision(store, 'default', name);
  await store.setAlias(owner.id, 'live', [{ revision: 1, weight: 100 }]);
  await store.upsertInstances([sampleInstance({ id: `${name}@${node}`, tenant: 'default', function: name, node })]);
}
const events = async () => (await store.events({ tenant: null })).items.map(({ type, node }) => [type, node]);

test('every function that lives there goes to the nearest node with room, and its room is taken', async () => {
  await store.beatNode(sampleBeat({ name: 'edge-2', region: 'eu', capacity: { memoryBytes: 4e9, cpuMillis: 2000, slots: 2 } })); // prettier-ignore
  for (const name of ['a', 'b', 'c']) await living(name, 'edge-1');
  await living('d', 'edge-2');
  await activities.beginDrain({ node: 'edge-1', why: 'repair' });
  expect(await activities.planMoves({ node: 'edge-1', reason: 'drain' })).toEqual({
    moves: [
      { tenant: 'default', function: 'a', to: 'edge-2' },
      { tenant: 'default', function: 'b', to: 'far-1' },
      { tenant: 'default', function: 'c', to: 'far-1' },
    ],
    stuck: [],
    wanted: true,
  });
  expect(await store.findNode('edge-1')).toMatchObject({ intent: 'draining', reason: 'repair' });
});

test('what a function needs is what most of its traffic needs, not a canary', async () => {
  await living('a', 'edge-1');
  const manifest = sampleManifest('a');
  const hungry = { ...manifest, spec: { ...manifest.spec, resources: { ...manifest.spec.resources, memory: '64Gi' } } };
  const code = { digest: 'sha256:2', codeDigest: 'sha256:code', codeKind: 'layer' as const };
  const { function: owner } = await store.createRevision({ tenant: 'default', manifest: hungry, ...code });
  await store.setAlias(owner.id, 'live', [{ revision: 1, weight: 90 }, { revision: 2, weight: 10 }]); // prettier-ignore
  await activities.beginDrain({ node: 'edge-1' });
  expect(await activities.planMoves({ node: 'edge-1', reason: 'drain' })).toMatchObject({
    moves: [{ function: 'a', to: 'edge-2' }],
    stuck: [],
  });
});

test('what finds no node is named, with what each node says', async () => {
  await living('a', 'edge-1');
  await store.setNodeState('edge-2', 'cordoned');
  await store.setNodeState('far-1', 'drained');
  await activities.beginDrain({ node: 'edge-1' });
  const { moves, stuck } = await activities.planMoves({ node: 'edge-1', reason: 'drain' });
  expect([moves, stuck]).toEqual([
    [],
    [
      {
        ...{ tenant: 'default', function: 'a' },
        refusals: [
          { node: 'edge-2', reason: 'is cordoned' },
          { node: 'far-1', reason: 'is drained' },
        ],
      },
    ],
  ]);
});

test('nothing is moved from a node that takes work again', async () => {
  await living('a', 'edge-1');
  await activities.beginDrain({ node: 'edge-1' });
  await activities.beginDrain({ node: 'edge-1' });
  await store.setNodeState('edge-1', 'ready');
  expect(await activities.planMoves({ node: 'edge-1', reason: 'drain' })).toMatchObject({ moves: [], wanted: false });
  expect(await activities.endDrain({ node: 'edge-1', moved: 0 })).toBe(false);
  expect(await activities.planMoves({ node: 'edge-1', reason: 'node-lost' })).toMatchObject({ wanted: false });
  expect(await events()).toEqual([['node.drain-begun', 'edge-1']]);
});

test('of a lost node the functions are moved as well; a drained one is told of', async () => {
  await living('a', 'edge-1');
  now += 11_000;
  for (const name of ['edge-2', 'far-1']) await store.beatNode(sampleBeat({ name, region: 'eu' }));
  expect((await activities.planMoves({ node: 'edge-1', reason: 'node-lost' })).moves).toHaveLength(1);
  await activities.beginDrain({ node: 'edge-2' });
  expect(await activities.drainAgent({ node: 'edge-2' })).toEqual({ ended: 1, left: 0 });
  expect(await activities.endDrain({ node: 'edge-2', moved: 3 })).toBe(true);
  expect(await events()).toEqual([['node.drain-begun', 'edge-2'], ['node.drained', 'edge-2']]); // prettier-ignore
});

test('a node that cannot be emptied is cordoned, and says why', async () => {
  await activities.beginDrain({ node: 'edge-1' });
  await activities.stopDrain({ node: 'edge-1', message: '1 function(s) find no node', functions: ['default/a: …'] });
  expect(await store.findNode('edge-1')).toMatchObject({
    intent: 'cordoned',
    reason: 'drain stopped: 1 function(s) find no node',
  });
  await activities.stopDrain({ node: 'far-1', message: 'of a lost one', functions: [] });
  expect(await store.findNode('far-1')).toMatchObject({ intent: 'ready' });
  expect((await events()).map(([type]) => type)).toEqual(['node.drain-begun', 'node.drain-stuck', 'node.drain-stuck']);
});
