import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

const MIB = 2 ** 20;

describe('cold starts from runtimes that were booted ahead', () => {
  const open: AgentHarness[] = [];
  afterEach(async () => {
    for (const harness of open.splice(0)) await harness.close();
  });

  async function start(options: HarnessOptions = {}): Promise<AgentHarness> {
    const harness = await AgentHarness.open({ blanks: 1, ...options });
    open.push(harness);
    await until('the blanks are there', async () => (await harness.client.stats()).blanks === 4);
    return harness;
  }

  const egress = (name: string, change: Parameters<typeof runSpec>[1] = {}) =>
    runSpec(name, { network: 'egress', ...change });

  test('a start is cold with its ordinary cause, and says that it was one', async () => {
    const harness = await start();
    const gateway = harness.gateway();
    const reply = await gateway.acquire(egress('f'));
    expect(reply).toMatchObject({ kind: 'cold', cause: 'first', blank: true });
    const { sandboxMs, readyMs, queueMs } = reply;
    expect(Math.min(sandboxMs, readyMs, queueMs)).toBeGreaterThanOrEqual(0);
    await until('the event is there', () => harness.count('instance.started') === 1);
    expect(harness.events.find(({ type }) => type === 'instance.started')?.data).toMatchObject({
      kind: 'cold',
      blank: true,
      instanceId: reply.instanceId,
    });
    gateway.release(reply.instanceId);
    await until('it is free', async () => (await harness.stateOf(reply.instanceId)) === 'frozen');
    expect(await gateway.acquire(egress('f'))).toMatchObject({ kind: 'warm', blank: false });
  });

  test('it never becomes blank again, and a new one takes its place', async () => {
    const harness = await start();
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(egress('f'));
    await until('there are four again', async () => (await harness.client.stats()).blanks === 4);
    const { instances, memoryCommittedBytes } = await harness.client.stats();
    expect(instances.map((instance) => instance.instanceId)).toEqual([instanceId]);
    expect(memoryCommittedBytes).toBe(100 * MIB + 4 * 48 * MIB);
  });

  test('a function that it does not fit, or a pre-start, starts in the ordinary way', async () => {
    const harness = await start();
    const gateway = harness.gateway();
    expect(await gateway.acquire(runSpec('f', { runtime: 'http' }))).toMatchObject({ kind: 'cold', blank: false });
    const min = egress('g', { scale: { min: 1, max: 2, keepAliveMs: 60_000 } });
    const target = {
      runSpecJson: JSON.stringify(min),
      steps: [{ afterMs: 0, running: 1, frozen: 0 }],
      keepAliveMs: [],
      expectedRate: 1,
    };
    await harness.client.setTargets({ targets: [target], decisionId: 'd', validMs: 60_000 } as never);
    await until('it is pre-started', () => harness.count('instance.started') === 2);
    expect(
      harness.events.filter(({ type, data }) => type === 'instance.started' && 'blank' in data && data['blank']),
    ).toEqual([]);
    expect((await harness.client.stats()).blanks).toBe(4);
  });

  test('one that fails is not seen by who waits', async () => {
    const harness = await start();
    harness.driver.failNext('specialise');
    expect(await harness.gateway().acquire(egress('f'))).toMatchObject({ kind: 'cold', cause: 'first', blank: false });
    expect((await harness.client.stats()).memoryCommittedBytes).toBeLessThanOrEqual(
      100 * MIB + 4 * 48 * MIB + 96 * MIB,
    );
  });

  test('a function that takes too long is told so once', async () => {
    const created: string[] = [];
    const wrap = (driver: SandboxDriver): SandboxDriver =>
      Object.assign(Object.create(driver) as SandboxDriver, {
        create: (spec: Parameters<SandboxDriver['create']>[0]) => {
          created.push(spec.id);
          return driver.create(spec);
        },
        specialise: async (blankId: string, spec: Parameters<SandboxDriver['specialise']>[1]) => {
          const sandbox = await driver.specialise(blankId, spec);
          return { ...sandbox, endpoints: [{ kind: 'unix', path: '/nowhere/http.sock' }] };
        },
      });
    const harness = await start({ wrap });
    const timeouts = { startMs: 100, firstByteMs: 1_000, idleMs: 1_000, totalMs: 1_000 };
    await expect(harness.gateway().acquire(egress('f', { timeouts }))).rejects.toMatchObject({ code: 'start_timeout' });
    expect(created).toEqual([]);
  });

  test('they are the first to go when memory is short', async () => {
    const harness = await start({ memoryBytes: 640 * MIB });
    const gateway = harness.gateway();
    const runs = ['a', 'b', 'c', 'd', 'e'].map((name) => runSpec(name));
    for (const run of runs) gateway.release((await gateway.acquire(run)).instanceId);
    const last = await gateway.acquire(runSpec('last'));
    expect(last.kind).toBe('cold');
    const { blanks, instances } = await harness.client.stats();
    expect([blanks, instances.length]).toEqual([0, 6]);
    expect(harness.count('instance.ended')).toBe(0);
  });

  test('a drained node keeps none', async () => {
    const harness = await start();
    await harness.client.drain({ deadlineMs: 1_000 });
    await until('they are gone', async () => (await harness.client.stats()).blanks === 0);
    expect((await harness.client.stats()).memoryCommittedBytes).toBe(0);
  });
});
