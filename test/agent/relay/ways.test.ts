import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import type { Endpoint } from '../../../drivers/sandbox/sandbox';
import { AgentLink } from '../../../gateway/invocation/agent-link';
import type { Lease } from '../../../gateway/invocation/lease';
import { createRelayDialer } from '../../../gateway/upstream/relay-dialer';
import { AgentHarness, runSpec, until, type HarnessOptions } from '../agent-harness';
import { freePort } from '../../integration/support/eventually';
import { RelayBench } from './relay-bench';

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NODE = { name: 'far-1', tier: 'edge', region: 'local', state: 'ready' } as const;

let bench: RelayBench;
let harness: AgentHarness;
let link: AgentLink;
const doors: Server[] = [];

beforeAll(async () => (bench = await RelayBench.open()));
afterEach(async () => {
  link.close();
  await harness.close();
  for (const door of doors.splice(0)) door.close();
});
afterAll(() => bench.close());

/** An agent on a machine of that name, before a gateway of this one. */
async function open(options: Pick<HarnessOptions, 'machine' | 'wrap'>, address = bench.relay.address): Promise<void> {
  harness = await AgentHarness.open({ ...options, relay: { address, cut: (id) => bench.relay.cut(id) } });
  bench.target = (gatewayId, instanceId) => harness.agent.relayed(gatewayId, instanceId);
  const relay = createRelayDialer({ tls: bench.gateway, gatewayId: 'g1' });
  link = new AgentLink({ gatewayId: 'g1', node: NODE, agent: harness.client, log: QUIET, relay });
}

async function acquire(name = 'hello'): Promise<Lease> {
  const wish = { runSpecJson: JSON.stringify(runSpec(name)), concurrency: 1, keepsConnections: false, slaMs: null };
  const { signal } = new AbortController();
  return (await link.acquire(wish, { deadlineMs: 5_000, invocationId: 'i', signal })).lease;
}

function call(lease: Lease): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    lease.connections.dispatch(
      { method: 'GET', path: '/', headers: [], body: null },
      {
        onConnect: () => undefined,
        onHeaders: (code) => void (status = code),
        onData: () => true,
        onComplete: () => resolve(status),
        onUpgrade: () => reject(new Error('nobody asked')),
        onError: reject,
      },
    );
  });
}

/** Instances that listen on a port, as those of another machine would. */
const onPorts =
  (more: { readonly hereOnly?: true }): NonNullable<HarnessOptions['wrap']> =>
  (driver) =>
    Object.assign(Object.create(driver) as typeof driver, {
      start: async (id: string) => {
        const running = await driver.start(id);
        const [own] = running.endpoints;
        if (own?.kind !== 'unix') throw new Error('a simulated instance has a Unix socket');
        const door = createServer((socket) => {
          const instance = connect(own.path);
          socket.pipe(instance).pipe(socket);
          for (const side of [socket, instance]) side.on('error', () => undefined);
        });
        doors.push(door);
        await new Promise<void>((resolve) => void door.listen(0, '127.0.0.1', resolve));
        const endpoint: Endpoint = {
          kind: 'tcp',
          host: '127.0.0.1',
          port: (door.address() as AddressInfo).port,
          ...more,
        };
        return { ...running, endpoints: [endpoint] };
      },
    });

test('a gateway of the same machine is given the socket itself', async () => {
  await open({});
  const lease = await acquire();
  expect(lease.endpoint.kind).toBe('unix');
  expect(await call(lease)).toBe(200);
});

test('a gateway of another machine is given the relay, which lets it to its lease and to no other', async () => {
  await open({ machine: 'another' });
  const lease = await acquire();
  expect(lease.endpoint).toEqual({ kind: 'relay', ...bench.relay.address });
  expect(await call(lease)).toBe(200);
  expect(() => harness.agent.relayed('g2', lease.instanceId)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  expect(() => harness.agent.relayed('g1', 'nobody')).toThrow(expect.objectContaining({ code: 'not_found' }));
  lease.end({ kind: 'release', idleMs: 0 });
  await until('it is given back', async () => (await harness.stateOf(lease.instanceId)) !== 'leased');
  expect(() => harness.agent.relayed('g1', lease.instanceId)).toThrow(expect.objectContaining({ code: 'forbidden' }));
});

test('an endpoint that is reached from everywhere is given to everybody as it is', async () => {
  await open({ machine: 'another', wrap: onPorts({}) });
  const lease = await acquire();
  expect(lease.endpoint).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
  expect(await call(lease)).toBe(200);
});

test('a port of this machine alone is passed on by the relay', async () => {
  await open({ machine: 'another', wrap: onPorts({ hereOnly: true }) });
  const lease = await acquire();
  expect(lease.endpoint.kind).toBe('relay');
  expect(await call(lease)).toBe(200);
});

test('a relay that does not answer says nothing of the instance: the node is left alone for a while, and the instance lives', async () => {
  await open({ machine: 'another' }, { host: '127.0.0.1', port: await freePort() });
  let away = 0;
  link.onAway = () => away++;
  await until('the stream is open', () => link.connected);
  const lease = await acquire();
  await expect(call(lease)).rejects.toThrow(/ECONNREFUSED/);
  expect([link.connected, lease.open, away]).toEqual([false, false, 1]);
  await until('it is given back', async () => ['idle', 'frozen'].includes(await harness.stateOf(lease.instanceId)));
});

test('when the agent is away the way is gone: nothing new is sent by it, and the agent takes back what was leased', async () => {
  await open({ machine: 'another' });
  const lease = await acquire();
  expect(await call(lease)).toBe(200);
  await harness.kill();
  await until('the lease takes no more', () => !lease.open);
  expect(link.leases).toBe(0);
});
