import { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

const MIB = 2 ** 20;
const scale = (max: number, min = 0) => ({ min, max, keepAliveMs: 600_000 });

describe('the start ledger', () => {
  it('serves fifty who want one at a time with four instances, each in turn', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('busy', { scale: scale(4) });
    const order: number[] = [];
    let most = 0;
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const { instanceId } = await gateway.acquire(run, 20_000);
        order.push(index);
        most = Math.max(most, harness.machine.instances.size);
        setTimeout(() => gateway.release(instanceId), 2);
      }),
    );
    expect(most).toBe(4);
    await until('starts are told', () => harness.count('instance.started') === 4);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(order.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
    expect(order.at(-1)).toBeGreaterThan(40);
  });

  it('gives a freed instance to the one who waits, and keeps what was started for the next', async () => {
    await open({ coldMs: 150 });
    const gateway = harness.gateway();
    const run = runSpec('shared');
    const first = await gateway.acquire(run);
    const second = gateway.acquire(run);
    await until('a start is under way', async () => (await harness.client.stats()).starting === 1);
    gateway.release(first.instanceId);
    expect(await second).toMatchObject({ kind: 'hot', instanceId: first.instanceId });
    await until('the start is done', async () => (await harness.client.stats()).starting === 0);
    expect(await gateway.acquire(run)).toMatchObject({ kind: expect.stringMatching(/hot|warm/) as string });
    expect(harness.machine.instances.size).toBe(2);
  });

  it('waits for capacity until the deadline, then says capacity', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('one', { scale: scale(1) });
    await gateway.acquire(run);
    await expect(gateway.acquire(run, 80)).rejects.toMatchObject({ code: 'capacity', retryAfterSeconds: 1 });
    expect((await harness.client.stats()).waiting).toBe(0);
  });

  it('says start_timeout when the start itself takes longer than the deadline, and keeps what comes of it', async () => {
    await open({ coldMs: 300 });
    const gateway = harness.gateway();
    const run = runSpec('slow');
    await expect(gateway.acquire(run, 50)).rejects.toMatchObject({ code: 'start_timeout' });
    await until(
      'it is there all the same',
      async () => (await harness.client.stats()).instances[0]?.state === 'frozen',
    );
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'warm', cause: 'first' });
  });

  it('forgets one who stopped waiting', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('one', { scale: scale(1) });
    const { instanceId } = await gateway.acquire(run);
    const abort = new AbortController();
    const waiting = gateway.acquire(run, 5_000, abort.signal);
    await until('it waits', async () => (await harness.client.stats()).waiting === 1);
    abort.abort();
    await expect(waiting).rejects.toBeInstanceOf(PlatformError);
    await until('it is forgotten', async () => (await harness.client.stats()).waiting === 0);
    gateway.release(instanceId);
    await until('nobody has it', async () => (await harness.stateOf(instanceId)) === 'frozen');
  });

  it('gives back at once what is granted to one who stopped waiting in that moment', async () => {
    await open({ coldMs: 0 });
    const gateway = harness.gateway();
    const run = runSpec('crossing', { scale: scale(1) });
    for (let round = 0; round < 20; round += 1) {
      const abort = new AbortController();
      const crossing = gateway.acquire(run, 5_000, abort.signal).then(
        ({ instanceId }) => gateway.release(instanceId),
        () => undefined,
      );
      setTimeout(() => abort.abort(), round / 5);
      await crossing;
      const { instanceId } = await gateway.acquire(run);
      gateway.release(instanceId);
    }
    await until('nobody waits', async () => (await harness.client.stats()).waiting === 0);
  });

  it('never promises more memory than the node has, and evicts what is idle longest', async () => {
    await open({ memoryBytes: 350 * MIB });
    const gateway = harness.gateway();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { instanceId } = await gateway.acquire(runSpec(name));
      ids.push(instanceId);
      gateway.release(instanceId);
      await until('it is frozen', async () => (await harness.stateOf(instanceId)) === 'frozen');
    }
    await gateway.acquire(runSpec('d'));
    expect(await harness.stateOf(ids[0] ?? '')).toBe('gone');
    expect(await harness.stateOf(ids[1] ?? '')).toBe('frozen');
    expect((await harness.client.stats()).memoryCommittedBytes).toBe(300 * MIB);
  });

  it('waits for memory that others lease, and takes it when they are done', async () => {
    await open({ memoryBytes: 150 * MIB });
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('a'));
    const waiting = gateway.acquire(runSpec('b'));
    await until('it waits', async () => (await harness.client.stats()).waiting === 1);
    expect(harness.machine.instances.size).toBe(1);
    gateway.release(instanceId);
    expect(await waiting).toMatchObject({ kind: 'cold' });
    await expect(gateway.acquire(runSpec('c'), 50)).rejects.toMatchObject({ code: 'capacity' });
  });

  it('refuses at once what is larger than the node', async () => {
    await open({ memoryBytes: 50 * MIB });
    const gateway = harness.gateway();
    await expect(gateway.acquire(runSpec('large'))).rejects.toMatchObject({ code: 'capacity' });
  });

  it('bounds starts at once, and a function with many does not keep others out', async () => {
    let running = 0;
    let most = 0;
    await open({
      coldMs: 20,
      parallelColdStarts: 2,
      wrap: (driver) =>
        new Proxy(driver, {
          get: (target, key) => {
            if (key !== 'start')
              return typeof target[key as 'start'] === 'function'
                ? target[key as 'start'].bind(target)
                : target[key as 'start'];
            return async (id: string) => {
              most = Math.max(most, ++running);
              return target.start(id).finally(() => (running -= 1));
            };
          },
        }),
    });
    const gateway = harness.gateway();
    const many = Array.from({ length: 12 }, () => gateway.acquire(runSpec('many')));
    const other = await gateway.acquire(runSpec('other'));
    const { starting, waiting } = await harness.client.stats();
    expect(other.kind).toBe('cold');
    expect(waiting + starting).toBeGreaterThan(0);
    await Promise.all(many);
    expect(most).toBe(2);
  });

  it('refuses a run spec that is not one', async () => {
    await open();
    const gateway = harness.gateway();
    await expect(gateway.acquire({ tenant: 1 } as unknown as RunSpec)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
