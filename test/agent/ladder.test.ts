import path from 'node:path';
import { requestInstance } from '../../agent/instance/instance-request';
import { AgentHarness, directly, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

/** A published checkpoint of the function, made from a template. */
async function publishCheckpoint(run: ReturnType<typeof runSpec>, checkpointId = 'ck-1'): Promise<void> {
  const runSpecJson = JSON.stringify(run);
  const { client } = harness;
  const { instanceId } = await client.startTemplate({
    key: checkpointId,
    runSpecJson,
    warmUp: true,
    deadlineMs: 5_000,
  });
  const { hostKey } = await client.checkpoint({ checkpointId, instanceId, runSpecJson });
  const { digest } = await client.seal({ checkpointId, runSpecJson, digest: '' });
  await client.verify({ checkpointId, runSpecJson, digest });
  await client.publish({ checkpointId, runSpecJson, digest, hostKey });
  await client.releaseTemplate({ instanceId, keep: false });
}

describe('the ladder', () => {
  it('starts cold, then is hot when free, then warm when frozen', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const cold = await gateway.acquire(run);
    expect(cold).toMatchObject({ kind: 'cold', cause: 'first', checkpointId: null, lingerMs: 1_000 });
    expect(cold.endpoint.kind).toBe('unix');
    expect(cold.sandboxMs).toBeGreaterThan(10);

    const waiting = gateway.acquire({ ...run, scale: { ...run.scale, max: 1 } });
    await until('it waits', async () => (await harness.client.stats()).waiting === 1);
    gateway.release(cold.instanceId);
    const hot = await waiting;
    expect(hot).toMatchObject({ kind: 'hot', cause: null, instanceId: cold.instanceId, sandboxMs: 0 });

    gateway.release(hot.instanceId);
    await until('it is frozen', async () => (await harness.stateOf(hot.instanceId)) === 'frozen');
    const warm = await gateway.acquire(run);
    expect(warm).toMatchObject({ kind: 'warm', cause: 'expired', instanceId: cold.instanceId });
    expect((await harness.client.stats()).startsTotal).toMatchObject({ cold: 1, hot: 1, warm: 1, restore: 0 });
  });

  it('restores from a published checkpoint', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    await publishCheckpoint(run);
    const restored = await gateway.acquire(run);
    expect(restored).toMatchObject({ kind: 'restore', cause: 'first', checkpointId: 'ck-1' });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'restore', cause: 'burst' });
    expect(harness.checkpoints.pins.get('ck-1')).toBe(2);
    await harness.client.dropCheckpoint({ checkpointId: 'ck-1', everywhere: false });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold' });
    expect(harness.checkpoints.dropped).toEqual(['ck-1']);
  });

  it('has what a checkpoint has left elsewhere removed once nobody uses it any more, and tells of what stays', async () => {
    await open();
    await publishCheckpoint(runSpec('hello'));
    const discarded: string[] = [];
    harness.driver.discard = (imageDir) => {
      discarded.push(imageDir);
      return Promise.resolve('its image stays');
    };
    // This node alone forgets it.
    await harness.client.dropCheckpoint({ checkpointId: 'ck-1', everywhere: false });
    expect(discarded).toEqual([]);
    await publishCheckpoint(runSpec('hello'));
    await harness.client.dropCheckpoint({ checkpointId: 'ck-1', everywhere: true });
    expect(discarded).toEqual([harness.checkpoints.rawDir('ck-1')]);
    await until('it is told', () => harness.events.some(({ data }) => data['left'] === 'its image stays'));
    harness.driver.discard = () => Promise.reject(new Error('the registry is away'));
    await harness.client.dropCheckpoint({ checkpointId: 'ck-1', everywhere: true });
    expect(harness.checkpoints.dropped).toEqual(['ck-1', 'ck-1', 'ck-1']);
  });

  it('has it removed as well for one that failed or was given up before it was sealed, and for one that is still being made', async () => {
    await open();
    const run = runSpec('hello');
    const runSpecJson = JSON.stringify(run);
    const told: string[] = [];
    const { driver, client } = harness;
    driver.discard = (imageDir) => {
      told.push(`discard ${path.basename(imageDir)}`);
      return Promise.resolve(null);
    };
    const taking = driver.checkpoint.bind(driver);
    let go: (() => void) | undefined;
    driver.checkpoint = async (id, imageDir) => {
      await new Promise<void>((resolve) => (go = resolve));
      const made = await taking(id, imageDir);
      told.push(`made ${path.basename(imageDir)}`);
      return made;
    };
    const { instanceId } = await client.startTemplate({ key: 'k', runSpecJson, warmUp: true, deadlineMs: 5_000 });
    // Whoever asked for it does not wait any more.
    const making = client.checkpoint({ checkpointId: 'ck-late', instanceId, runSpecJson });
    await until('it is being made', () => go !== undefined);
    const dropping = client.dropCheckpoint({ checkpointId: 'ck-late', everywhere: true });
    go?.();
    await Promise.all([making, dropping]);
    // An agent that was started anew knows nothing of it.
    await client.dropCheckpoint({ checkpointId: 'ck-unknown', everywhere: true });
    expect(told).toEqual(['made ck-late', 'discard ck-late', 'discard ck-unknown']);
  });

  it('falls through a failing restore unseen, and quarantines the checkpoint after two', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    await publishCheckpoint(run);
    harness.driver.failNext('restore', undefined, 2);
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'restore-failed' });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'restore-failed' });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'burst' });
    const { checkpoints, failuresTotal } = await harness.client.stats();
    expect(checkpoints).toEqual([expect.objectContaining({ checkpointId: 'ck-1', failures: 2, quarantined: true })]);
    expect(failuresTotal).toMatchObject({ restore_failed: 2, checkpoint_quarantined: 1 });
    await until('it is told', () => harness.count('checkpoint.quarantined') === 1);
    expect(harness.checkpoints.pins.get('ck-1')).toBe(0);
  });

  it('wakes a clone of a function with a hook before it is given to anybody; one that does not wake is never seen', async () => {
    const woken: string[] = [];
    let failures = 0;
    await open({
      afterRestore: ({ id }) => {
        if (failures-- > 0) throw new Error('cannot wake');
        woken.push(id);
      },
    });
    const gateway = harness.gateway();
    const run = runSpec('hello');
    await publishCheckpoint(run);
    const good = await gateway.acquire(run);
    expect(good).toMatchObject({ kind: 'restore' });
    expect(woken).toContain(good.instanceId);
    failures = 2;
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'restore-failed' });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'restore-failed' });
    expect((await harness.client.stats()).checkpoints[0]).toMatchObject({ failures: 2, quarantined: true });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'burst' });
    await until('its author is told', () => harness.count('instance.start-failed') === 2);
    await until('what did not wake has ended', () => harness.machine.instances.size === 4);
  });

  it('asks no clone of a function without a hook: it wakes with its first request', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    await publishCheckpoint(run);
    const asked: (string | undefined)[] = [];
    const { run: begin } = harness.machine;
    harness.machine.run = async (instance) => {
      await begin.call(harness.machine, instance);
      instance.server?.on('request', ({ url }: { url?: string }) => void asked.push(url));
    };
    const clones = [await gateway.acquire(run), await gateway.acquire(run)];
    expect(clones.map(({ kind }) => kind)).toEqual(['restore', 'restore']);
    await requestInstance(directly(clones[0]!.endpoint), { method: 'GET', path: '/first' });
    expect(asked).toEqual(['/first']);
  });

  it('forgives a failed restore when the next one succeeds', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    await publishCheckpoint(run);
    for (const kind of ['cold', 'restore', 'cold', 'restore']) {
      if (kind === 'cold') harness.driver.failNext('restore');
      expect(await gateway.acquire(run)).toMatchObject({ kind });
    }
    expect((await harness.client.stats()).checkpoints[0]).toMatchObject({ failures: 0, quarantined: false });
  });

  it('goes down a rung when thawing fails', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    const { instanceId } = await gateway.acquire(run);
    gateway.release(instanceId);
    await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
    harness.driver.failNext('resume');
    const next = await gateway.acquire(run);
    expect(next).toMatchObject({ kind: 'cold', cause: 'node-lost' });
    expect(next.instanceId).not.toBe(instanceId);
  });

  it('tries a failed cold start again unseen, and tells of the second failure', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello');
    harness.driver.failNext('start');
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold' });
    harness.driver.failNext('start', undefined, 2);
    await expect(gateway.acquire(runSpec('other'))).rejects.toMatchObject({
      code: 'start_failed',
      message: 'simulated failure of start',
    });
    await until('failures are told', () => harness.count('instance.start-failed') === 3);
    expect(harness.machine.instances.size).toBe(1);
    expect((await harness.client.stats()).memoryCommittedBytes).toBe(run.limits.memoryBytes);
  });

  it('leaves a function that cannot start alone for a while', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('broken');
    harness.driver.failNext('start', undefined, 5);
    for (let wish = 0; wish < 4; wish += 1) {
      await expect(gateway.acquire(run)).rejects.toMatchObject({ code: 'start_failed' });
    }
    await expect(gateway.acquire(run)).rejects.toMatchObject({ code: 'start_failed', retryAfterSeconds: 1 });
    await until('it is tried again', async () => {
      return gateway.acquire(run).then(
        (reply) => reply.kind === 'cold',
        () => false,
      );
    });
  });

  it('names the cause of a start after an eviction, a crash and a new revision', async () => {
    await open({ memoryBytes: 150 * 2 ** 20 });
    const gateway = harness.gateway();
    const first = await gateway.acquire(runSpec('one'));
    gateway.release(first.instanceId);
    await until('it is frozen', async () => (await harness.stateOf(first.instanceId)) === 'frozen');
    const other = await gateway.acquire(runSpec('two'));
    gateway.release(other.instanceId);
    const again = await gateway.acquire(runSpec('one'));
    expect(again).toMatchObject({ kind: 'cold', cause: 'evicted' });
    await harness.driver.crash(again.instanceId);
    await until('the gateway knows', () => gateway.gone.some(({ instanceId }) => instanceId === again.instanceId));
    const revived = await gateway.acquire(runSpec('one'));
    expect(revived).toMatchObject({ kind: 'cold', cause: 'node-lost' });
    gateway.release(revived.instanceId);
    expect(await gateway.acquire(runSpec('one', { revision: 2 }))).toMatchObject({ kind: 'cold', cause: 'deploy' });
  });
});
