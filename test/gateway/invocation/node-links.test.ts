import type { AgentClient } from '../../../agent/rpc/agent-client';
import { createRegisteredCluster } from '../../../drivers/cluster/registered/registered-cluster';
import type { ClusterNode } from '../../../drivers/cluster/cluster';
import type { AgentLink } from '../../../gateway/invocation/agent-link';
import { NodeLinks } from '../../../gateway/invocation/node-links';
import { declared } from '../../drivers/cluster/cluster-contract';
import { sampleBeat } from '../../drivers/store/node-contract';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';
import { silent, until } from '../gateway-harness';

let store: MemoryStore;
let links: NodeLinks;
let told: string[];
let failing: boolean;
const first: ClusterNode = { ...declared('a'), state: 'ready', capacity: null };

beforeEach(() => {
  store = createMemoryStore();
  told = [];
  failing = false;
  const cluster = createRegisteredCluster(store, [declared('a')]);
  const connect = (node: ClusterNode) => {
    told.push(`open ${node.name} ${node.address}`);
    const say = (what: string) => () => void told.push(`${what} ${node.name}`);
    const link = { name: node.name, standing: node, forget: say('forget'), close: say('close') };
    const client = { close: say('client') };
    return { link: link as unknown as AgentLink, client: client as unknown as AgentClient };
  };
  links = new NodeLinks(
    {
      cluster: { nodes: () => (failing ? Promise.reject(new Error('the store is away')) : cluster.nodes()) },
      store,
      connect,
      log: silent,
      lookMs: 60_000,
    },
    [first],
  );
});
afterEach(() => links.close());

const names = () => links.links.map(({ name }) => name);

test('those of the configuration are linked before the store answers, and stay while it is away', async () => {
  expect(told).toEqual(['open a unix:/run/a.sock']);
  failing = true;
  await links.open();
  expect(names()).toEqual(['a']);
  failing = false;
  await store.beatNode(sampleBeat({ name: 'b' }));
  await until(() => names().includes('b'), 'the other');
});

test('a link lives through changes of state, and knows them', async () => {
  await links.open();
  await store.beatNode(sampleBeat({ ...declared('a') }));
  await store.setNodeState('a', 'cordoned');
  await until(() => links.links[0]?.standing.state === 'cordoned', 'the new state');
  expect(told).toEqual(['open a unix:/run/a.sock']);
});

test('a node that moves is linked anew, and one that is taken out is forgotten', async () => {
  const beat = sampleBeat({ ...declared('b', 'host:1') });
  await store.beatNode(beat);
  await links.open();
  await store.beatNode({ ...beat, address: 'host:2' });
  await until(() => told.includes('open b host:2'), 'the new link');
  expect(told.slice(-2)).toEqual(['forget b', 'client b']);
  await store.setNodeState('b', 'drained');
  await store.removeNode('b', 10_000);
  await until(() => !names().includes('b'), 'its end');
  expect(told.filter((line) => line === 'forget b')).toHaveLength(2);
});
