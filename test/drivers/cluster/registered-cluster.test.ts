import { createRegisteredCluster } from '../../../drivers/cluster/registered/registered-cluster';
import { createMemoryStore } from '../../fakes/memory-store';
import { sampleBeat } from '../store/node-contract';
import { declared, describeDeclaredCluster } from './cluster-contract';

describeDeclaredCluster('the registered cluster', (nodes) => createRegisteredCluster(createMemoryStore(), nodes));

let now = 0;
const setUp = () => {
  now = 1_000_000;
  const store = createMemoryStore(() => new Date(now));
  return { store, cluster: createRegisteredCluster(store, [declared('b'), declared('a')]) };
};

test('an agent says more than the configuration, and others join after those that it names', async () => {
  const { store, cluster } = setUp();
  const heard = sampleBeat({ name: 'a', region: 'us', address: 'host:9' });
  await store.beatNode(heard);
  await store.beatNode(sampleBeat({ name: 'aa-joined' }));
  const nodes = await cluster.nodes();
  expect(nodes.map(({ name }) => name)).toEqual(['b', 'a', 'aa-joined']);
  const { name, tier, region, address, labels, capacity } = heard;
  expect(nodes[1]).toEqual({ name, tier, region, address, labels, capacity, state: 'ready' });
});

test('what was decided is the state, unless the agent is silent for more than ten seconds', async () => {
  const { store, cluster } = setUp();
  await store.beatNode(sampleBeat({ name: 'a' }));
  await store.setNodeState('a', 'cordoned');
  const state = async (): Promise<string | undefined> =>
    (await cluster.nodes()).find(({ name }) => name === 'a')?.state;
  expect(await state()).toBe('cordoned');
  now += 10_000;
  expect(await state()).toBe('cordoned');
  now += 1;
  expect(await state()).toBe('lost');
});

test('one that was taken out is not there, also when the configuration names it', async () => {
  const { store, cluster } = setUp();
  await store.beatNode(sampleBeat({ name: 'a' }));
  await store.setNodeState('a', 'drained');
  await store.removeNode('a', 10_000);
  expect((await cluster.nodes()).map(({ name }) => name)).toEqual(['b']);
});
