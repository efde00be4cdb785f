import { startHarness, until, type Harness } from '../gateway-harness';

let harness: Harness;
afterEach(() => harness.close());

test('tells the agent what it holds, and gives back what is idle', async () => {
  harness = await startHarness();
  await harness.call('/fn/acme/f');
  await harness.call('/fn/acme/f');
  const { agent } = harness;
  expect(agent.listener.heldInstanceIds()).toEqual(['i1']);
  await until(() => agent.told.length > 0, 'the release');
  expect(agent.told).toEqual([{ kind: 'release', id: 'i1', served: 2 }]);
  expect(agent.listener.heldInstanceIds()).toEqual([]);
});

test('closes its connections to a server of the user’s own before it gives an instance back', async () => {
  harness = await startHarness({ runtime: 'http', handler: undefined, command: ['serve'] });
  const { agent } = harness;
  await harness.call('/fn/acme/f');
  const server = agent.instances[0]?.server;
  // Closing takes the socket's other end a moment to see; a connection that is kept would still be there then.
  await until(() => agent.told.length > 0, 'the release');
  let open = -1;
  await until(() => {
    server?.getConnections((_, count) => (open = count));
    return open === 0;
  }, 'the end of the connections');
});

test('uses one connection for requests that follow each other', async () => {
  harness = await startHarness();
  for (let i = 0; i < 10; i++) await harness.call('/fn/acme/f');
  expect(harness.agent.instances[0]?.connections).toBe(1);
  expect(harness.agent.acquired).toHaveLength(1);
});

test('a withdrawn instance finishes its request, then the agent hears of it', async () => {
  harness = await startHarness();
  const { agent } = harness;
  let finish: (() => void) | undefined;
  agent.handler = (_, response) => (finish = () => void response.end('finished'));
  const answer = harness.call('/fn/acme/f');
  await until(() => finish, 'the request');
  agent.listener.withdraw({ instanceId: 'i1', reason: 'deploy' });
  agent.handler = (_, response) => response.end('by another');
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200, body: 'by another' });
  expect(agent.told).toEqual([]);
  finish?.();
  expect(await answer).toMatchObject({ status: 200, body: 'finished' });
  await until(() => agent.told.length === 1, 'the answer to the agent');
  expect(agent.told).toEqual([{ kind: 'withdrawn', id: 'i1' }]);
});

test('a Withdraw that crosses the release is not answered: it could be taken for the end of the next lease', async () => {
  harness = await startHarness();
  const { agent } = harness;
  await harness.call('/fn/acme/f');
  await until(() => agent.told.length > 0, 'the release');
  agent.listener.withdraw({ instanceId: 'i1', reason: 'evicted' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(agent.told).toEqual([{ kind: 'release', id: 'i1', served: 1 }]);
});

test('an instance taken back in the turn in which it is granted is not used', async () => {
  harness = await startHarness();
  const { agent } = harness;
  const taken = await agent.start();
  agent.onAcquire = () => Promise.resolve(agent.reply(taken));
  agent.afterGrant = () => {
    agent.listener.withdraw({ instanceId: taken.id, reason: 'evicted' });
    agent.onAcquire = async () => agent.reply(await agent.start());
    agent.afterGrant = () => undefined;
  };
  expect(await harness.call('/fn/acme/f')).toMatchObject({ status: 200 });
  expect(taken.connections).toBe(0);
  expect(agent.told).toContainEqual({ kind: 'withdrawn', id: taken.id });
});

test('an instance that is gone is used no more', async () => {
  harness = await startHarness();
  const { agent } = harness;
  await harness.call('/fn/acme/f');
  agent.listener.gone({ instanceId: 'i1', reason: 'crashed', asleep: false });
  expect(agent.listener.heldInstanceIds()).toEqual([]);
  expect((await harness.call('/fn/acme/f')).headers['x-presage-start']).toBe('cold');
  expect(agent.told).toEqual([]);
});

test('leases outlive the agent: they serve while it is away, and are named to its successor', async () => {
  const agentLingers = await startHarness();
  harness = agentLingers;
  const { agent } = harness;
  agent.lingerMs = 5_000;
  await harness.call('/fn/acme/f');
  agent.goAway();
  expect((await harness.call('/fn/acme/f')).headers['x-presage-start']).toBe('hot');
  expect(agent.listener.heldInstanceIds()).toEqual(['i1']);
  agent.comeBack();
  expect((await harness.call('/fn/acme/f')).headers['x-presage-start']).toBe('hot');
  agent.comeBack(['i1']);
  expect((await harness.call('/fn/acme/f')).headers['x-presage-start']).toBe('cold');
});

test('a fault seen while the agent is away is told when it is back', async () => {
  harness = await startHarness();
  const { agent } = harness;
  agent.handler = (request) => request.socket.destroy();
  agent.lingerMs = 5_000;
  agent.onAcquire = async () => {
    const reply = agent.reply(await agent.start());
    agent.goAway();
    return reply;
  };
  expect((await harness.call('/fn/acme/f')).status).toBe(502);
  await until(() => harness.broker.leases === 0, 'the end of the lease');
  expect(agent.listener.heldInstanceIds()).toEqual(['i1']);
  expect(agent.told).toEqual([]);
  agent.comeBack();
  expect(agent.listener.heldInstanceIds()).toEqual([]);
  expect(agent.told).toMatchObject([{ kind: 'fault', id: 'i1' }]);
});
