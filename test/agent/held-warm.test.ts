import type { Target } from '../../agent/rpc/agent-messages';
import type { RunSpec } from '../../core/function/run-spec';
import { AgentHarness, runSpec, until, type HarnessOptions } from './agent-harness';

let harness: AgentHarness;
const open = async (options: HarnessOptions = {}): Promise<AgentHarness> =>
  (harness = await AgentHarness.open({ pingAfterMs: 150, ...options }));
afterEach(() => harness.close());

const hold = (run: RunSpec, frozen: number, change: Partial<Target> = {}) =>
  harness.client.setTargets({
    targets: [
      {
        revisionId: run.revisionId,
        runSpecJson: JSON.stringify(run),
        steps: [{ afterMs: 0, running: 0, frozen }],
        keepAliveMs: [600_000],
        expectedRate: 1,
        uses: [],
        ...change,
      },
    ],
    decisionId: 'test',
    validMs: 60_000,
  });
const states = async (): Promise<string[]> => (await harness.client.stats()).instances.map(({ state }) => state).sort();
const pings = async () => (await harness.client.stats()).pingsTotal;
const server = (name: string): RunSpec =>
  runSpec(name, { runtime: 'http', handler: null, command: ['serve'], healthPath: '/health' });

describe('instances that a target holds frozen', () => {
  it('are woken now and then, asked whether they are well, and frozen again; their keep-alive goes on', async () => {
    await open();
    const run = runSpec('hello');
    await hold(run, 2);
    await until('both were asked', async () => ((await pings())['ok'] ?? 0) >= 4);
    await until('they sleep again', async () => (await states()).join() === 'frozen,frozen');
    expect(await pings()).toMatchObject({ failed: 0 });
    expect(harness.count('instance.started')).toBe(2);
    await hold(run, 0, { keepAliveMs: [200] });
    await until('they have ended by age', async () => (await states()).length === 0);
  });

  it('are asked by their health check where they are servers of their own; one that is not well is replaced', async () => {
    let well = true;
    await open({
      handler: (request, response) => {
        response.statusCode = well || request.url !== '/health' ? 200 : 503;
        response.end();
      },
    });
    await hold(server('api'), 1);
    await until('it was asked', async () => ((await pings())['ok'] ?? 0) >= 1);
    well = false;
    await until('it has ended', () => harness.count('instance.ended') >= 1);
    well = true;
    await until('another is there', async () => (await states()).join() === 'frozen');
    expect((await pings())['failed']).toBeGreaterThanOrEqual(1);
  });

  it('of a gateway that has parked them are asked back first', async () => {
    await open();
    const run = runSpec('hello');
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(run);
    gateway.park(instanceId);
    await hold(run, 1);
    await until('it was asked', async () => ((await pings())['ok'] ?? 0) >= 1);
    expect(gateway.withdrawn[0]).toMatchObject({ instanceId });
    await until('it sleeps again', async () => (await states()).join() === 'frozen');
    expect(await gateway.acquire(run)).toMatchObject({ instanceId, kind: 'warm' });
  });

  it('that no target holds are left alone', async () => {
    await open();
    const gateway = harness.gateway();
    const { instanceId } = await gateway.acquire(runSpec('hello'));
    gateway.release(instanceId);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await pings()).toEqual({ ok: 0, failed: 0 });
  });

  it('are counted by rung', async () => {
    await open();
    await hold(runSpec('hello'), 2);
    await until('they are counted', async () => ((await harness.client.stats()).heldGbSeconds['frozen'] ?? 0) > 0.01);
  });
});

it('under pressure those go first that are used least by what was decided, byte by byte', async () => {
  await open({ memoryBytes: 300 * 2 ** 20, pingAfterMs: 60_000 });
  const [rare, often] = [runSpec('rare'), runSpec('often')];
  await hold(often, 1, { uses: [0.001] });
  await hold(rare, 1, { uses: [0.5, 0] });
  await until('they are there', async () => (await states()).join() === 'frozen,frozen');
  const gateway = harness.gateway();
  for (const name of ['one', 'two']) await gateway.acquire(runSpec(name));
  const left = (await harness.client.stats()).instances.map((instance) => instance.function).sort();
  expect(left).toEqual(['one', 'rare', 'two']);
});
