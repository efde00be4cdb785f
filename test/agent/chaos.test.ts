import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import type { SimulatedDriver } from '../../drivers/sandbox/simulated/simulated-driver';
import type { RunSpec } from '../../core/function/run-spec';
import { AgentHarness, runSpec, until, type TestGateway } from './agent-harness';

jest.setTimeout(60_000);

let harness: AgentHarness;
let trouble = false;
afterEach(() => harness.close());

const MIB = 2 ** 20;
const CAPACITY = 1_200 * MIB;

/** Numbers in [0, 1) that a seed decides. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** An instance of the revision that the gateway has parked, if any; nobody else of it wakes the same. */
function parked(gateway: TestGateway, run: RunSpec): string | undefined {
  const of = (id: string): boolean => harness.machine.instances.get(id)?.run.revisionId === run.revisionId;
  const sleeper = [...gateway.parked].find(of);
  if (sleeper !== undefined) gateway.parked.delete(sleeper);
  return sleeper;
}

const FAILING: readonly PropertyKey[] = ['create', 'start', 'pause', 'resume', 'restore'];

/** The driver, one call in twelve of which fails. */
function failing(driver: SimulatedDriver, random: () => number): SandboxDriver {
  return new Proxy(driver, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (FAILING.includes(key) && trouble && random() < 1 / 12)
          return Promise.reject(new Error(`${String(key)} failed`));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

test.each([1, 2, 3])('whatever fails, every wish is answered and nothing is left behind (seed %i)', async (seed) => {
  const random = seeded(seed);
  harness = await AgentHarness.open({
    memoryBytes: CAPACITY,
    coldMs: 4,
    parallelColdStarts: 3,
    wrap: (driver) => failing(driver, random),
  });
  const gateways = [harness.gateway(), harness.gateway()];
  const runs = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    runSpec(name, {
      scale: { min: 0, max: 4, keepAliveMs: 30 },
      limits: { memoryBytes: 150 * MIB, cpuMillis: 1, pids: 9 },
    }),
  );
  const hostKey = await harness.driver.hostKey('nodejs');
  for (const [index, run] of runs.slice(0, 2).entries()) {
    const runSpecJson = JSON.stringify(run);
    const checkpointId = `ck-${index}`;
    const { instanceId } = await harness.client.startTemplate({
      key: checkpointId,
      runSpecJson,
      warmUp: false,
      deadlineMs: 5_000,
    });
    await harness.client.checkpoint({ checkpointId, instanceId, runSpecJson });
    await harness.client.publish({ checkpointId, runSpecJson, digest: `sha256:${'b'.repeat(64)}`, hostKey });
    await harness.client.releaseTemplate({ instanceId, keep: true });
  }

  trouble = true;
  const faults = setInterval(() => {
    const victims = [...harness.machine.instances.keys()];
    const victim = victims[Math.floor(random() * victims.length)];
    if (victim && random() < 0.1) void harness.driver.crash(victim);
  }, 5);
  const outcomes: Record<string, number> = {};
  let most = 0;
  await Promise.all(
    Array.from({ length: 400 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 2 + random() * 20));
      const gateway = gateways[index % 2]!;
      const run = runs[Math.floor(random() * runs.length)]!;
      try {
        const sleeper = parked(gateway, run);
        const reply = await (sleeper === undefined ? gateway.acquire(run, 10_000) : gateway.wake(sleeper));
        outcomes[reply.kind] = (outcomes[reply.kind] ?? 0) + 1;
        most = Math.max(
          most,
          [...harness.machine.instances.values()].filter((it) => it.run.function === run.function).length,
        );
        await new Promise((resolve) => setTimeout(resolve, random() * 15));
        const end = random();
        // Taken back or ended meanwhile: it is not the gateway's to speak of.
        if (!gateway.held.has(reply.instanceId)) return;
        if (end < 0.05) gateway.fault(reply.instanceId);
        else if (end < 0.5) gateway.park(reply.instanceId);
        else gateway.release(reply.instanceId);
      } catch (error) {
        const { code } = error as { code: string };
        outcomes[code] = (outcomes[code] ?? 0) + 1;
      }
    }),
  );
  clearInterval(faults);
  trouble = false;

  expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(400);
  // Only what was made to fail twice in a row may be seen, and a parked one that ended: never a lack of capacity.
  expect(
    Object.keys(outcomes).filter(
      (key) => !['hot', 'warm', 'restore', 'cold', 'start_failed', 'not_found'].includes(key),
    ),
  ).toEqual([]);
  expect(outcomes['start_failed'] ?? 0).toBeLessThan(20);
  expect(most).toBeLessThanOrEqual(4);

  for (const { revisionId } of runs) {
    expect((await harness.client.retire({ revisionId, reason: 'deleted', deadlineMs: 10_000 })).left).toBe(0);
  }
  await until('nothing starts or ends any more', async () => {
    const { starting, instances } = await harness.client.stats();
    return starting === 0 && instances.length === 0;
  });
  expect([...harness.machine.instances.keys()]).toEqual([]);
  const { memoryCommittedBytes, waiting } = await harness.client.stats();
  expect({ memoryCommittedBytes, waiting }).toEqual({ memoryCommittedBytes: 0, waiting: 0 });
  expect([...harness.checkpoints.pins.values()]).toEqual([0, 0]);
});
