import { AgentHarness, runSpec, until } from './agent-harness';

let harness: AgentHarness;
afterEach(() => harness.close());

test('a function beyond the slots waits for one, and is refused when none becomes free', async () => {
  harness = await AgentHarness.open({ slots: 2 });
  const gateway = harness.gateway();
  const first = await gateway.acquire(runSpec('one'));
  await gateway.acquire(runSpec('two'));
  await expect(gateway.acquire(runSpec('three'), 100)).rejects.toMatchObject({
    code: 'capacity',
    message: expect.stringContaining('the node had no slot for another function') as string,
  });
  // More of those that are here need no other slot.
  expect(await gateway.acquire(runSpec('one'))).toMatchObject({ kind: 'cold' });
  expect(await gateway.acquire(runSpec('two', { revision: 2 }))).toMatchObject({ kind: 'cold' });
  const waiting = gateway.acquire(runSpec('three'));
  await until('it waits', async () => (await harness.client.stats()).waiting === 1);
  const others = [...gateway.held].filter((id) => id !== first.instanceId);
  gateway.release(first.instanceId);
  const second = others.find((id) => harness.machine.instances.get(id)?.run.function === 'one');
  gateway.release(second ?? '');
  expect((await waiting).kind).toBe('cold');
});

test('what rests is ended for another function, the whole of it and nothing else', async () => {
  harness = await AgentHarness.open({ slots: 2 });
  const gateway = harness.gateway();
  const resting = await Promise.all([gateway.acquire(runSpec('one')), gateway.acquire(runSpec('one'))]);
  const used = await gateway.acquire(runSpec('two'));
  for (const { instanceId } of resting) gateway.release(instanceId);
  await gateway.acquire(runSpec('three'));
  await until('the slot is free', async () => (await harness.client.stats()).instances.length === 2);
  const functions = (await harness.client.stats()).instances.map((instance) => instance.function);
  expect(functions.sort()).toEqual(['three', 'two']);
  expect(await harness.stateOf(used.instanceId)).toBe('leased');
});

test('a deploy needs a slot too', async () => {
  harness = await AgentHarness.open({ slots: 1 });
  await harness.gateway().acquire(runSpec('one'));
  const request = { key: 'k', runSpecJson: JSON.stringify(runSpec('two')), warmUp: false, deadlineMs: 100 };
  await expect(harness.client.startTemplate(request)).rejects.toMatchObject({
    code: 'capacity',
    message: expect.stringContaining('no slot for another function') as string,
  });
});

test('a target beyond the slots is capped, and starts when there is one', async () => {
  harness = await AgentHarness.open({ slots: 1 });
  const gateway = harness.gateway();
  const { instanceId } = await gateway.acquire(runSpec('one'));
  const steps = [{ afterMs: 0, running: 1, frozen: 0 }];
  const target = { revisionId: 'rev-two-1', runSpecJson: JSON.stringify(runSpec('two')), steps, keepAliveMs: [], expectedRate: 1, uses: [] }; // prettier-ignore
  const reply = await harness.client.setTargets({ targets: [target], decisionId: 'd', validMs: 60_000 });
  expect(reply.capped).toEqual(['rev-two-1']);
  expect(harness.machine.instances.size).toBe(1);
  gateway.release(instanceId);
  await until('it has the slot of what nothing was promised to', () =>
    [...harness.machine.instances.values()].some(({ run }) => run.function === 'two'),
  );
});
