import { PlatformError } from '../../core/error/platform-error';
import { AgentHarness, runSpec, until, type HarnessOptions, type TestGateway } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

const MIB = 2 ** 20;

const asleep = (gateway: TestGateway, instanceId: string): Promise<void> =>
  until('it is asleep', () => gateway.asleep.has(instanceId));

/** A gateway with an instance that sleeps in its name. */
async function parkOne(run = runSpec('hello'), name?: string): Promise<{ gateway: TestGateway; instanceId: string }> {
  const gateway = harness.gateway(name);
  const { instanceId, mayPark } = await gateway.acquire(run);
  expect(mayPark).toBe(true);
  gateway.park(instanceId);
  await asleep(gateway, instanceId);
  return { gateway, instanceId };
}

describe('a parked lease', () => {
  it('is frozen, and woken for its gateway without a start', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    expect(await harness.stateOf(instanceId)).toBe('frozen');
    expect(await gateway.wake(instanceId)).toMatchObject({ instanceId, kind: 'warm', cause: 'expired' });
    expect(await harness.stateOf(instanceId)).toBe('leased');
    gateway.release(instanceId);
    await until('it is free', async () => (await harness.stateOf(instanceId)) === 'frozen');
  });

  it('is woken for the gateway that asks for it while it still freezes', async () => {
    await open();
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('hello'));
    gateway.park(instanceId);
    expect(await gateway.wake(instanceId)).toMatchObject({ instanceId });
    expect(await harness.stateOf(instanceId)).toBe('leased');
  });

  it('is asked back for another gateway, which gets it when the first has let go', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    const other = harness.gateway('other');
    expect(await other.acquire(runSpec('hello'))).toMatchObject({ instanceId, kind: 'warm' });
    expect(gateway.withdrawn).toEqual([{ instanceId, reason: 'wanted' }]);
    await expect(gateway.wake(instanceId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('stays with its gateway when its request and the Withdraw cross; the other one gets another instance', async () => {
    await open();
    const holder = harness.gateway('holder', { obeys: false });
    const { instanceId } = await holder.acquire(runSpec('hello'));
    holder.park(instanceId);
    await asleep(holder, instanceId);
    const other = harness.gateway('other');
    const elsewhere = other.acquire(runSpec('hello'));
    await until('it is asked back', () => holder.withdrawn.length === 1);
    expect(await holder.wake(instanceId)).toMatchObject({ instanceId, kind: 'warm' });
    const got = await elsewhere;
    expect(got.instanceId).not.toBe(instanceId);
    expect(got.kind).toBe('cold');
  });

  it('is not frozen where someone waits for an instance: its gateway is asked for it at once', async () => {
    await open();
    const run = runSpec('one', { scale: { min: 0, max: 1, keepAliveMs: 600_000 } });
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(run);
    const other = harness.gateway('other');
    const waiting = other.acquire(run);
    await until('it waits', async () => (await harness.client.stats()).waiting === 1);
    gateway.park(instanceId);
    expect(await waiting).toMatchObject({ instanceId });
    expect(gateway.asleep.size).toBe(0);
  });

  it('is not parked where a policy wants it running', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const { instanceId } = await gateway.acquire(run);
    const target = {
      revisionId: run.revisionId,
      runSpecJson: JSON.stringify(run),
      steps: [{ afterMs: 0, running: 1, frozen: 0 }],
    };
    await harness.client.setTargets({
      targets: [{ ...target, keepAliveMs: [60_000], expectedRate: 1, uses: [] }],
      decisionId: 'd',
      validMs: 60_000,
    });
    gateway.park(instanceId);
    await until('it is asked back', () => gateway.withdrawn.length === 1);
    await until('it is free', async () => (await harness.stateOf(instanceId)) === 'idle');
    expect(await gateway.acquire(run)).toMatchObject({ instanceId, kind: 'hot' });
  });

  it('ends in its sleep by age, by a deploy and by eviction; its gateway hears that nothing was read', async () => {
    await open({ memoryBytes: 100 * MIB });
    const run = runSpec('hello');
    const { gateway, instanceId } = await parkOne(run);
    await harness.client.retire({ revisionId: run.revisionId, reason: 'deploy', deadlineMs: 5_000 });
    await until('it is told', () => gateway.gone.length === 1);
    expect(gateway.gone[0]).toEqual({ instanceId, reason: 'deploy', asleep: true });

    const second = await parkOne(runSpec('second'), 'second');
    await gateway.acquire(runSpec('big'));
    await until('it is told', () => second.gateway.gone.length === 1);
    expect(second.gateway.gone[0]).toMatchObject({ reason: 'evicted', asleep: true });
    await expect(second.gateway.wake(second.instanceId)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that was woken and crashed was perhaps read', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    await gateway.wake(instanceId);
    await harness.driver.crash(instanceId, { outOfMemory: false });
    await until('it is told', () => gateway.gone.length === 1);
    expect(gateway.gone[0]).toEqual({ instanceId, reason: 'crashed', asleep: false });
  });

  it('that cannot be thawed ends, and the gateway is told', async () => {
    await open({
      wrap: (driver) =>
        Object.assign(Object.create(driver) as typeof driver, {
          resume: () => Promise.reject(new PlatformError('internal', 'the freezer is stuck')),
        }),
    });
    const { gateway, instanceId } = await parkOne();
    await expect(gateway.wake(instanceId)).rejects.toMatchObject({ code: 'not_found' });
    await until('it is told', () => gateway.gone.length === 1);
    expect(gateway.gone[0]).toMatchObject({ instanceId, asleep: false });
  });

  it('outlives the agent: its successor hears of it and wakes it', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    gateway.asleep.clear();
    await harness.kill();
    await harness.start();
    await asleep(gateway, instanceId);
    const other = harness.gateway('other');
    expect(await gateway.wake(instanceId)).toMatchObject({ instanceId, kind: 'warm' });
    expect((await other.acquire(runSpec('hello'))).instanceId).not.toBe(instanceId);
  });

  it('asked for while the agent is down is woken by its successor', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    await harness.kill();
    const waking = gateway.wake(instanceId);
    await harness.start();
    expect(await waking).toMatchObject({ instanceId });
  });

  it('of a gateway that is away is nobody else’s until the grace period is over', async () => {
    await open({ leaseGraceMs: 300 });
    const { gateway, instanceId } = await parkOne();
    gateway.close();
    const other = harness.gateway('other');
    const early = await other.acquire(runSpec('hello'));
    expect(early.instanceId).not.toBe(instanceId);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await other.acquire(runSpec('hello'))).toMatchObject({ instanceId, kind: 'warm' });
  });

  it('is free when its gateway, back again, does not name it', async () => {
    await open({ leaseGraceMs: 60_000 });
    const { gateway, instanceId } = await parkOne(runSpec('hello'), 'gateway');
    gateway.close();
    harness.gateway('gateway');
    const other = harness.gateway('other');
    await until('it is free', async () => {
      const got = await other.acquire(runSpec('hello'));
      return got.instanceId === instanceId;
    });
  });

  it('is checkpointed only after its gateway has let go', async () => {
    await open();
    const { gateway, instanceId } = await parkOne();
    await harness.client
      .checkpoint({ checkpointId: 'ck-1', instanceId, runSpecJson: JSON.stringify(runSpec('hello')) })
      .catch(() => undefined);
    expect(gateway.withdrawn).toEqual([{ instanceId, reason: 'wanted' }]);
    expect(gateway.parked.has(instanceId)).toBe(false);
  });
});
