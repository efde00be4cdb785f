import type { Target } from '../../agent/rpc/agent-messages';
import type { RunSpec } from '../../core/function/run-spec';
import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open(options));
afterEach(() => harness.close());

const target = (run: RunSpec, running: number, frozen: number, change: Partial<Target> = {}): Target => ({
  revisionId: run.revisionId,
  runSpecJson: JSON.stringify(run),
  steps: [{ afterMs: 0, running, frozen }],
  keepAliveMs: [600_000],
  expectedRate: 1,
  uses: [],
  ...change,
});
const states = async (): Promise<string[]> => (await harness.client.stats()).instances.map(({ state }) => state).sort();
const set = (targets: Target[], validMs = 60_000) =>
  harness.client.setTargets({ targets, decisionId: 'test', validMs });

/** What the event says of the next start. */
async function startOf(act: () => Promise<void>): Promise<{ startMs: number }> {
  const before = harness.count('instance.started');
  await act();
  await until('the start is told', () => harness.count('instance.started') === before + 1);
  return harness.events.filter(({ type }) => type === 'instance.started').at(-1)?.data as { startMs: number };
}

describe('targets', () => {
  it('start instances ahead: some keep running, the others are frozen', async () => {
    await open();
    const run = runSpec('hello');
    expect(await set([target(run, 1, 2)])).toEqual({ accepted: 1, capped: [] });
    await until('they are there', async () => (await states()).join() === 'frozen,frozen,idle');
    const gateway = harness.gateway();
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'hot', cause: null });
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'warm', cause: 'forecast-miss' });
  });

  it('have a price only where somebody waited for the start', async () => {
    await open();
    const gateway = harness.gateway();
    const { startMs, ...told } = await startOf(async () => void (await gateway.acquire(runSpec('waited'))));
    expect(told).toMatchObject({ ahead: false, cause: 'first', price: expect.closeTo(startMs * 10, 0) as number });
    const ahead = await startOf(async () => void (await set([target(runSpec('ahead'), 1, 0)])));
    expect(ahead).toMatchObject({ ahead: true, price: 0 });
  });

  it('refresh a clone that was restored ahead, before it is frozen', async () => {
    const asked: string[] = [];
    await open({
      wrap: (driver) => driver,
      handler: (request, response) => {
        asked.push(request.url ?? '');
        response.end();
      },
    });
    const run = runSpec('hello');
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(run);
    await harness.driver.checkpoint(instanceId, harness.checkpoints.rawDir('ck-1'));
    const hostKey = await harness.driver.hostKey('nodejs');
    const digest = `sha256:${'b'.repeat(64)}`;
    await harness.client.publish({ checkpointId: 'ck-1', runSpecJson: JSON.stringify(run), digest, hostKey });
    await set([target(run, 0, 2)]);
    await until('one is restored', async () => (await states()).join() === 'frozen,leased');
    expect((await harness.client.stats()).instances.map(({ kind }) => kind).sort()).toEqual(['cold', 'restore']);
  });

  it('end what is above them after their keep-alive, and nothing below the declared minimum', async () => {
    await open();
    const run = runSpec('hello', { scale: { min: 1, max: 10, keepAliveMs: 600_000 } });
    await set([target(run, 0, 3)]);
    await until('they are there', async () => (await states()).join() === 'frozen,frozen,frozen');
    await set([target(run, 0, 0, { keepAliveMs: [0] })]);
    await until('one is left', async () => (await states()).join() === 'frozen');
    await until('the ends are told', () => harness.count('instance.ended') === 2);
    expect(harness.events.filter(({ type }) => type === 'instance.ended').map(({ data }) => data['reason'])).toEqual([
      'expired',
      'expired',
    ]);
  });

  it('come into force step by step', async () => {
    await open();
    const run = runSpec('hello');
    await set([
      target(run, 0, 0, {
        steps: [
          { afterMs: 200, running: 0, frozen: 2 },
          { afterMs: 600, running: 0, frozen: 1 },
        ],
        keepAliveMs: [0],
      }),
    ]);
    expect(await states()).toEqual([]);
    await until('two are ready', async () => (await states()).join() === 'frozen,frozen');
    await until('one has ended', async () => (await states()).join() === 'frozen');
  });

  it('that make no sense are refused whole', async () => {
    await open();
    const run = runSpec('hello');
    const steps = [
      { afterMs: 5, running: 0, frozen: 2 },
      { afterMs: 5, running: 0, frozen: 1 },
    ];
    await expect(set([target(run, 1, 0), target(run, 0, 0, { steps })])).rejects.toThrow('must rise in time');
    await expect(set([target(run, 0, 1, { keepAliveMs: [1, 2] })])).rejects.toThrow('must not rise');
    expect(await states()).toEqual([]);
  });

  it('count no more once they are over', async () => {
    await open();
    const run = runSpec('hello');
    await set([target(run, 1, 0)], 250);
    await until('it runs', async () => (await states()).join() === 'idle');
    await until('it is frozen', async () => (await states()).join() === 'frozen');
  });

  it('are capped by memory, and never push out what was promised to others', async () => {
    await open({ memoryBytes: 250 * 2 ** 20 });
    const [one, two] = [runSpec('one'), runSpec('two')];
    await set([target(one, 0, 1)]);
    await until('it is there', async () => (await states()).join() === 'frozen');
    expect(await set([target(one, 0, 1), target(two, 0, 3)])).toEqual({ accepted: 2, capped: [two.revisionId] });
    await until('both have one', async () => (await states()).join() === 'frozen,frozen');
    const { instances } = await harness.client.stats();
    expect(instances.map((instance) => instance.function).sort()).toEqual(['one', 'two']);
  });

  it('do not start a broken function again and again', async () => {
    await open();
    const run = runSpec('broken');
    harness.driver.failNext('start', undefined, 1_000);
    await set([target(run, 0, 1)]);
    await until('it was tried', () => harness.count('instance.start-failed') >= 2);
    const gateway = harness.gateway();
    await expect(gateway.acquire(run)).rejects.toMatchObject({ code: 'start_failed' });
    expect(harness.count('instance.start-failed')).toBeLessThan(6);
  });

  it('idle instances end after the manifest keep-alive where no policy has spoken', async () => {
    await open();
    const gateway = harness.gateway();
    const run = runSpec('hello', { scale: { min: 0, max: 5, keepAliveMs: 100 } });
    const { instanceId } = await gateway.acquire(run);
    gateway.release(instanceId);
    await until('it has ended', () => !harness.machine.instances.has(instanceId));
    expect(await gateway.acquire(run)).toMatchObject({ kind: 'cold', cause: 'expired' });
  });
});
