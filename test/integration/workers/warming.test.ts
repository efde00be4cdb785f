import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { createAgentClient, type AgentClient } from '../../../agent/rpc/agent-client';
import { runSpecOf } from '../../../core/function/run-spec-of';
import { parseManifest, type ManifestInput } from '../../../core/function/manifest';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { RevisionRecord, Store } from '../../../drivers/store/store';
import type { WarmPoolsInput } from '../../../core/control/workflow-inputs';
import { WarmingService } from '../../../workers/control/warming/warming-service';
import { warmPools } from '../../../workflows';
import { AgentHarness, until } from '../../agent/agent-harness';
import { sampleForecast } from '../../drivers/store/forecast-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { manifestOf } from '../../gateway/api/api-harness';
import { startPlatformTemporal, startPlatformWorker } from '../support/platform-temporal';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(120_000);

const TASK_QUEUE = 'warming-test';
const MINUTE_MS = 60_000;

let postgres: TemporaryPostgres;
let store: Store;
let temporal: TestWorkflowEnvironment;
let agent: AgentHarness;
let away: AgentClient;
let worker: Awaited<ReturnType<typeof startPlatformWorker>>;
let service: WarmingService;

beforeAll(async () => {
  [postgres, temporal, agent] = await Promise.all([
    startTemporaryPostgres(),
    startPlatformTemporal(),
    AgentHarness.open(),
  ]);
  store = openPostgresStore(postgres.url);
  await store.migrate();
  await store.ensureTenant('acme');
  const log = pino({ level: 'silent' });
  const now = (): number => Date.now();
  service = new WarmingService({
    store,
    log,
    now,
    policy: 'presage',
    memoryShare: 1,
    prices: DEFAULT_PRICES,
    chargedGbSecond: 10,
  });
  away = createAgentClient('unix:/nowhere/agent.sock');
  const dependencies = {
    store,
    now,
    warmth: service,
    cluster: {
      nodes: async () =>
        ['local', 'away'].map((name) => ({ name, tier: 'central' as const, state: 'ready' as const, labels: {} })),
    },
    agent: async (name: string) => (name === 'local' ? agent.client : away),
    runSpec: async (revision: RevisionRecord) => runSpecOf(revision),
  };
  worker = await startPlatformWorker(temporal, TASK_QUEUE, dependencies);
});
afterAll(async () => {
  await worker.stop();
  await service.stop();
  away.close();
  await Promise.all([agent.close(), temporal.teardown()]);
  await store.close();
  await postgres.stop();
});

async function makeFunction(name: string, spec: Partial<ManifestInput['spec']> = {}): Promise<string> {
  const plain = manifestOf(name) as ManifestInput;
  const manifest = parseManifest({ ...plain, spec: { ...plain.spec, resources: { memory: '100Mi' }, ...spec } });
  const made = { tenant: 'acme', manifest, digest: randomUUID(), codeDigest: 'c', codeKind: 'layer' } as const;
  const { function: fn } = await store.createRevision(made);
  await store.setAlias(fn.id, 'live', [{ revision: 1, weight: 100 }]);
  return fn.id;
}
const run = (input: WarmPoolsInput = {}) =>
  temporal.client.workflow.execute(warmPools, { taskQueue: TASK_QUEUE, workflowId: randomUUID(), args: [input] });
const held = async (name: string): Promise<string[]> =>
  (await agent.client.stats()).instances.filter((row) => row.function === name).map((row) => row.state);

test('from records and forecasts in PostgreSQL, through Temporal, to instances of an agent', async () => {
  const [recent, expected, floor] = [
    await makeFunction('recent'),
    await makeFunction('expected'),
    await makeFunction('floor', { scale: { min: 1, max: 3 } }),
  ];
  const at = (ago: number): Date => new Date(Date.now() - ago);
  await store.writeInvocations(
    packed([
      ...Array.from({ length: 40 }, (_, call) =>
        sampleInvocation({ id: randomUUID(), tenant: 'acme', functionId: recent, at: at(5_000 + call * 60_000) }),
      ),
      sampleInvocation({ id: randomUUID(), tenant: 'acme', functionId: expected, at: at(7_200_000), executeMs: 1_000 }),
    ]),
  );
  const whole = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  const quantiles = Array.from({ length: 80 }, () => 90);
  const mean = Array.from({ length: 10 }, () => 90);
  await store.writeForecasts([sampleForecast({ functionId: expected, at: whole, mean, quantiles })]);

  const result = await run();
  expect(result).toMatchObject({
    policy: 'presage',
    waiting: 0,
    unreached: [{ node: 'away' }],
    applied: { nodes: [{ node: 'local', accepted: 3, capped: [] }], left: [] },
  });
  const ready = (name: string) => result.decisions.find((row) => row.function === name)?.ready ?? 0;
  expect([ready('recent'), ready('floor')]).toEqual([1, 1]);
  expect(ready('expected')).toBeGreaterThan(1);
  await until('they are held', async () => {
    const counts = await Promise.all(['expected', 'floor'].map(async (name) => (await held(name)).length));
    return counts.join() === [ready('expected'), 1].join();
  });
  await until('all have started', async () => (await held('expected')).every((state) => state !== 'starting'));

  for (const id of [recent, expected, floor]) {
    expect(await store.latestWarmth(id)).toMatchObject({ decisionId: result.decisionId, policy: 'presage' });
    expect((await store.warmthHistory({ functionId: id })).items).toHaveLength(1);
  }
  const events = await store.events({ tenant: null, types: ['warming.unreached'] });
  expect(events.items).toMatchObject([{ node: 'away' }, { node: 'away' }].slice(0, events.items.length));
  expect(events.items.length).toBeGreaterThan(0);
});

test('another policy lets go of what it does not hold; a dry run tells nobody', async () => {
  const before = await held('expected');
  expect(await run({ policy: 'none', dryRun: true })).toMatchObject({ policy: 'none', applied: null });
  expect(await held('expected')).toEqual(before);
  await run({ policy: 'none', functions: ['expected'] });
  await until('they are let go', async () => (await held('expected')).length === 0);
  expect((await held('floor')).length).toBe(1);
});
