import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { createSimulatedDriver } from '../../../drivers/sandbox/simulated/simulated-driver';
import { SimulatedMachine } from '../../../drivers/sandbox/simulated/simulated-machine';
import { loadConfig } from '../../../workers/config';
import { PodAgents } from '../../../workers/pods/pod-agents';
import type { PodHost } from '../../../workers/pods/pod-nodes';
import { FolderCheckpointStore } from '../../agent/agent-harness';
import { waitFor } from '../../drivers/sandbox/wait-for';
import { createMemoryStore } from '../../fakes/memory-store';

const FIRST_PORT = 27_500;

function host(name: string, change: Partial<PodHost> = {}): PodHost {
  return {
    name,
    tier: 'edge',
    region: 'eu',
    labels: { 'presage.dev/isolation': 'pod' },
    internalIp: null,
    capacity: { memoryBytes: 2 ** 30, cpuMillis: 4000, slots: 10 },
    ready: true,
    wish: 'work',
    why: '',
    tolerations: [],
    ...change,
  };
}

describe('the agents of nodes that run pods', () => {
  let folder: string;
  let agents: PodAgents;
  const store = createMemoryStore(() => new Date());
  const opened: string[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'presage-pod-agents-'));
    const pods = { agents: { host: '127.0.0.1', firstPort: FIRST_PORT } };
    agents = new PodAgents({
      config: loadConfig({}, { dataDir: folder, kubernetes: { pods } }),
      store,
      code: {
        dir: () => Promise.resolve('/code'),
        imageConfig: () => Promise.resolve(null),
        prune: () => Promise.resolve(0),
      },
      checkpoints: new FolderCheckpointStore(folder),
      driverOn: ({ name }) => {
        opened.push(name);
        return createSimulatedDriver({
          random: () => 0.5,
          sleep: () => Promise.resolve(),
          machine: new SimulatedMachine(Date.now, { runDir: folder }),
        });
      },
      log: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
    });
  });

  afterAll(async () => {
    await agents.close();
    await rm(folder, { recursive: true, force: true });
  });

  const heard = async (): Promise<string[]> =>
    (await store.nodes()).map(({ name, tier, address }) => `${name} ${tier} ${address.split(':')[1]}`).sort();

  test('nodes that come at once are registered, each with an address of its own', async () => {
    agents.follow([host('a'), host('b'), host('c')]);
    await waitFor('three nodes', async () => (await heard()).length === 3);
    const ports = (await heard()).map((line) => Number(line.split(' ')[2])).sort();
    expect(ports).toEqual([FIRST_PORT, FIRST_PORT + 1, FIRST_PORT + 2]);
  });

  test('a node that changes is the same node, with another agent at the same address', async () => {
    const before = await heard();
    agents.follow([host('a'), host('b', { tier: 'central' }), host('c')]);
    await waitFor('its new tier', async () => (await heard()).some((line) => line.startsWith('b central')));
    expect((await heard()).map((line) => line.replace('central', 'edge'))).toEqual(before);
    expect(opened.filter((name) => name === 'b')).toHaveLength(2);
    // What it has may change at any time, and changes nothing for who runs there.
    agents.follow([host('a', { capacity: null }), host('b', { tier: 'central' }), host('c')]);
    agents.follow([host('a'), host('b', { tier: 'central' }), host('c')]);
    await new Promise(setImmediate);
    expect(opened.filter((name) => name === 'a')).toHaveLength(1);
  });

  test('a node that is not ready falls silent, and is heard again when it is', async () => {
    const lastHeard = async (): Promise<number> =>
      (await store.nodes()).find(({ name }) => name === 'c')?.lastSeenAt.getTime() ?? 0;
    agents.follow([host('a'), host('b', { tier: 'central' }), host('c', { ready: false })]);
    await waitFor('its silence', () => lines.some((line) => line.includes('pod-agents.not-ready')));
    const silent = await lastHeard();
    agents.follow([host('a'), host('b', { tier: 'central' }), host('c')]);
    await waitFor('it to be heard', async () => (await lastHeard()) > silent);
  });
});
