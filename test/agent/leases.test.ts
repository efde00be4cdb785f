import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

const frozen = (instanceId: string): Promise<void> =>
  until(`${instanceId} is frozen`, async () => (await harness.stateOf(instanceId)) === 'frozen');

describe('leases', () => {
  it('takes back what a gateway held that went away, after the grace period', async () => {
    await open({ leaseGraceMs: 200 });
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('hello'));
    await until('it is connected', () => gateway.connected);
    gateway.close();
    expect(await harness.stateOf(instanceId)).toBe('leased');
    await frozen(instanceId);
    const next = harness.gateway('another');
    expect(await next.acquire(runSpec('hello'))).toMatchObject({ kind: 'warm', instanceId });
  });

  it('keeps what a gateway names when it is back, and takes back the rest at once', async () => {
    await open({ leaseGraceMs: 60_000 });
    const before = harness.gateway('gateway');
    const [kept, left] = await Promise.all([before.acquire(runSpec('a')), before.acquire(runSpec('b'))]);
    await until('it is connected', () => before.connected);
    before.close();
    const after = harness.gateway('gateway', { held: [kept.instanceId] });
    await frozen(left.instanceId);
    expect(await harness.stateOf(kept.instanceId)).toBe('leased');
    expect(after.unknown).toEqual([]);
  });

  it('takes back what was granted on a stream that broke before the gateway read it', async () => {
    await open({ leaseGraceMs: 60_000 });
    const before = harness.gateway('gateway');
    const { instanceId } = await before.acquire(runSpec('a'));
    before.close();
    harness.gateway('gateway', { held: [] });
    await frozen(instanceId);
  });

  it('tells the gateway that an instance has ended by itself', async () => {
    await open();
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('hello'));
    await until('it is connected', () => gateway.connected);
    await harness.driver.crash(instanceId, { outOfMemory: true });
    await until('it is told', () => gateway.gone.length === 1);
    expect(gateway.gone).toEqual([{ instanceId, reason: 'crashed', asleep: false }]);
    await until('its log says why', () => harness.logs.some(({ stream }) => stream === 'platform'));
    await until('its row is closed', () => harness.rows.get(instanceId)?.endedAt instanceof Date);
    expect(harness.rows.get(instanceId)).toMatchObject({ state: 'gone', reason: 'crashed' });
  });

  it('ends an instance that a gateway reports as broken', async () => {
    await open();
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('hello'));
    await until('it is connected', () => gateway.connected);
    gateway.fault(instanceId);
    await until('it has ended', () => !harness.machine.instances.has(instanceId));
  });

  it('ignores messages about instances that the gateway does not lease', async () => {
    await open();
    const [mine, other] = [harness.gateway(), harness.gateway()];
    const { instanceId } = await mine.acquire(runSpec('hello'));
    await until('both are connected', () => mine.connected && other.connected);
    other.release(instanceId);
    other.fault(instanceId);
    other.release('unknown');
    const { instanceId: another } = await other.acquire(runSpec('other'));
    other.release(another);
    await frozen(another);
    expect(await harness.stateOf(instanceId)).toBe('leased');
  });

  it('retires a revision: free instances end, leased ones when they are given back', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const [one, two] = await Promise.all([gateway.acquire(run), gateway.acquire(run)]);
    gateway.release(one.instanceId);
    await frozen(one.instanceId);
    const reply = await harness.client.retire({ revisionId: run.revisionId, reason: 'deploy', deadlineMs: 5_000 });
    expect(reply).toEqual({ ended: 2, left: 0 });
    expect(gateway.withdrawn).toEqual([{ instanceId: two.instanceId, reason: 'deploy' }]);
    expect(harness.machine.instances.size).toBe(0);
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'deploy' });
    expect(await harness.client.retire({ revisionId: 'unknown', reason: 'deploy', deadlineMs: 10 })).toEqual({
      ended: 0,
      left: 0,
    });
  });

  it('says what is left when a gateway does not give an instance back in time, and ends it later', async () => {
    await open();
    const gateway = harness.gateway('slow', { obeys: false });
    const run = runSpec('hello');
    const { instanceId } = await gateway.acquire(run);
    await until('it is connected', () => gateway.connected);
    const reply = await harness.client.retire({ revisionId: run.revisionId, reason: 'deleted', deadlineMs: 50 });
    expect(reply).toEqual({ ended: 0, left: 1 });
    gateway.release(instanceId);
    await until('it has ended', () => !harness.machine.instances.has(instanceId));
  });

  it('drains: nothing new, who waits is told, what is leased is withdrawn', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello', { scale: { min: 0, max: 1, keepAliveMs: 1_000 } });
    await gateway.acquire(run);
    const waiting = gateway.acquire(run);
    waiting.catch(() => undefined);
    await until('it waits', async () => (await harness.client.stats()).waiting === 1);
    expect(await harness.client.drain({ deadlineMs: 5_000 })).toEqual({ ended: 1, left: 0 });
    await expect(waiting).rejects.toMatchObject({ code: 'draining' });
    await expect(gateway.acquire(run)).rejects.toMatchObject({ code: 'draining', retryAfterSeconds: 5 });
    expect((await harness.client.stats()).draining).toBe(true);
    expect(harness.machine.instances.size).toBe(0);
  });
});

describe('after kill -9 of the agent', () => {
  it('finds its instances again: leased ones for their gateway, frozen ones for the next', async () => {
    await open({ leaseGraceMs: 400 });
    const gateway = harness.gateway();
    const [held, idle] = await Promise.all([gateway.acquire(runSpec('a')), gateway.acquire(runSpec('b'))]);
    gateway.release(idle.instanceId);
    await frozen(idle.instanceId);
    const { welcomes } = gateway;
    await harness.kill();
    await harness.start();
    await until('the gateway is back', () => gateway.welcomes > welcomes);
    expect(gateway.unknown).toEqual([]);
    expect(await gateway.acquire(runSpec('b'))).toMatchObject({ kind: 'warm', instanceId: idle.instanceId });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await harness.stateOf(held.instanceId)).toBe('leased');
    gateway.release(held.instanceId);
    await frozen(held.instanceId);
    expect((await harness.client.stats()).memoryCommittedBytes).toBe(200 * 2 ** 20);
  });

  it('takes back what no gateway claims, and tells one what is gone', async () => {
    await open({ leaseGraceMs: 200 });
    const gone = harness.gateway('gone');
    const { instanceId } = await gone.acquire(runSpec('a'));
    gone.close();
    await harness.kill();
    await harness.start();
    expect(await harness.stateOf(instanceId)).toBe('leased');
    await frozen(instanceId);
    const late = harness.gateway('late', { held: ['0123456789'] });
    await until('it is told', () => late.unknown.length > 0);
    expect(late.unknown).toEqual(['0123456789']);
  });

  it('answers an Acquire that was asked for while the agent was away', async () => {
    await open();
    const gateway = harness.gateway();
    await harness.kill();
    const acquiring = gateway.acquire(runSpec('a'));
    await harness.start();
    expect(await acquiring).toMatchObject({ kind: 'cold' });
  });

  it('remembers what it served and which checkpoint it restores from', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('a', { scale: { min: 0, max: 5, keepAliveMs: 0 } });
    const { instanceId } = await gateway.acquire(run);
    await harness.driver.checkpoint(instanceId, harness.checkpoints.rawDir('ck-1'));
    const hostKey = await harness.driver.hostKey('nodejs');
    const ref = { checkpointId: 'ck-1', runSpecJson: JSON.stringify(run), digest: `sha256:${'b'.repeat(64)}` };
    await harness.client.publish({ ...ref, hostKey });
    gateway.release(instanceId);
    await until('it has ended', () => !harness.machine.instances.has(instanceId));
    await harness.agent.close({ destroyAll: false });
    await harness.kill();
    await harness.start();
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'restore', cause: 'expired', checkpointId: 'ck-1' });
  });

  it('closes the rows of instances that did not survive, and leaves the others', async () => {
    await open();
    const gateway = harness.gateway();
    const [lives, dies] = await Promise.all([gateway.acquire(runSpec('a')), gateway.acquire(runSpec('b'))]);
    await until('rows are written', () => harness.rows.size === 2);
    const rows = [...harness.rows.values()];
    await harness.kill();
    await harness.machine.end(dies.instanceId, { code: null, signal: 'SIGKILL', outOfMemory: false });
    const openedAt = Date.now() + 1;
    await harness.start();
    harness.agent.reconcile(rows, openedAt);
    await until('the row is closed', () => harness.rows.get(dies.instanceId)?.endedAt !== null);
    expect(harness.rows.get(dies.instanceId)).toMatchObject({ state: 'gone', reason: 'node-lost' });
    expect(harness.rows.get(lives.instanceId)?.endedAt).toBeNull();
  });
});
