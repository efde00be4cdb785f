import { AgentHarness, runSpec, until } from './agent-harness';

let harness: AgentHarness;
beforeEach(async () => (harness = await AgentHarness.open()));
afterEach(() => harness.close());

const draining = { code: 'draining' };

test('a drained node takes no work until it is given some again', async () => {
  const gateway = harness.gateway();
  await gateway.acquire(runSpec('hello'));
  harness.agent.follow('drained');
  await expect(gateway.acquire(runSpec('hello'))).rejects.toMatchObject(draining);
  expect((await harness.client.stats()).draining).toBe(true);
  harness.agent.follow('draining');
  expect((await harness.client.stats()).draining).toBe(true);
  harness.agent.follow('ready');
  expect((await gateway.acquire(runSpec('hello'))).kind).toMatch(/cold|restore/);
  await until('it is told of', () => harness.count('node.resumed') === 1);
  expect(harness.count('node.draining')).toBe(1);
});

test('while functions move away it still serves', async () => {
  harness.agent.follow('draining');
  expect((await harness.gateway().acquire(runSpec('hello'))).kind).toBe('cold');
});

test('an agent that ends is not brought back', async () => {
  await harness.agent.drain({ deadlineMs: 100 }, 'stopped');
  harness.agent.follow('ready');
  await expect(harness.gateway().acquire(runSpec('hello'))).rejects.toMatchObject(draining);
});
