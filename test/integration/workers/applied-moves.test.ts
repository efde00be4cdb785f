import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ApplyAdviceInput } from '../../../core/control/workflow-inputs';
import { adviceId } from '../../../core/cost/advice/advice';
import type { AdviceChange } from '../../../core/cost/advice/advice-change';
import { costSettingsSchema, priceTableOf } from '../../../core/cost/cost-settings';
import { parseManifest } from '../../../core/function/manifest';
import { runSpecOf } from '../../../core/function/run-spec-of';
import { createRegisteredCluster } from '../../../drivers/cluster/registered/registered-cluster';
import type { AdviceState } from '../../../drivers/store/advice-store';
import { openPostgresStore } from '../../../drivers/store/postgres';
import type { RevisionRecord, Store } from '../../../drivers/store/store';
import { applyAdvice } from '../../../workflows';
import { AgentHarness, until } from '../../agent/agent-harness';
import { sampleAdvice } from '../../drivers/store/advice-contract';
import { startPlatformTemporal, startPlatformWorker } from '../support/platform-temporal';
import { startTemporaryPostgres, type TemporaryPostgres } from '../support/temporary-postgres';

jest.setTimeout(180_000);

const TASK_QUEUE = 'applied-moves-test';
const BEAT_MS = 500;
const [FAR, NEAR] = ['far-1', 'near-1'] as const;

let postgres: TemporaryPostgres;
let store: Store;
let temporal: TestWorkflowEnvironment;
let worker: Awaited<ReturnType<typeof startPlatformWorker>>;
let beating: NodeJS.Timeout;
const agents = new Map<string, AgentHarness>();

const beat = (name: string, incarnation: string) =>
  store.beatNode({
    ...{ name, tier: 'central' as const, region: name === FAR ? 'us' : 'eu', address: `unix:${name}`, labels: {} },
    ...{ capacity: { memoryBytes: 2e9, cpuMillis: 8_000, slots: 50 }, incarnation },
  });

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTemporaryPostgres(), startPlatformTemporal()]);
  store = openPostgresStore(postgres.url);
  await store.migrate();
  await store.ensureTenant('acme');
  const incarnations = [FAR, NEAR].map((name) => [name, randomUUID()] as const);
  const beats = () => Promise.all(incarnations.map(([name, incarnation]) => beat(name, incarnation)));
  await beats();
  beating = setInterval(() => void beats().catch(() => undefined), BEAT_MS);
  for (const name of [FAR, NEAR]) agents.set(name, await AgentHarness.open());
  worker = await startPlatformWorker(temporal, TASK_QUEUE, {
    store,
    now: () => Date.now(),
    cluster: createRegisteredCluster(store, []),
    agent: async (name: string) => agentOf(name).client,
    runSpec: async (revision: RevisionRecord) => runSpecOf(revision),
    network: { latency: {}, nodeLatency: {} },
    prices: priceTableOf(costSettingsSchema.parse({})),
    platform: { policy: 'presage' },
  });
});
afterAll(async () => {
  await worker.stop();
  clearInterval(beating);
  for (const agent of agents.values()) await agent.close();
  await temporal.teardown();
  await store.close();
  await postgres.stop();
});

function agentOf(name: string): AgentHarness {
  const agent = agents.get(name);
  if (!agent) throw new Error(`there is no agent ${name}`);
  return agent;
}

/** A function that is placed on the far node alone. */
async function placed(name: string): Promise<string> {
  const manifest = parseManifest({
    apiVersion: 'presage.dev/v1',
    kind: 'Function',
    metadata: { name },
    spec: { runtime: 'nodejs', handler: 'index.handler', resources: { memory: '64Mi' }, checkpoint: { when: 'never' } },
  });
  const code = { codeDigest: `sha256:${'a'.repeat(64)}`, codeKind: 'layer' as const };
  const { revision } = await store.createRevision({ tenant: 'acme', manifest, digest: `sha256:${randomUUID()}`, ...code }); // prettier-ignore
  const { functionId } = revision;
  await store.setRevisionState(revision.id, 'ready');
  await store.setAlias(functionId, 'live', [{ revision: revision.number, weight: 100 }]);
  await store.setPlacement(functionId, [{ node: FAR, weight: 100 }]);
  const target = { revisionId: revision.id, runSpecJson: JSON.stringify(runSpecOf(revision)), expectedRate: 0 };
  const steps = [{ afterMs: 0, running: 2, frozen: 0 }];
  const { client } = agentOf(FAR);
  await client.setTargets({
    targets: [{ ...target, steps, keepAliveMs: [], uses: [] }],
    decisionId: 'd',
    validMs: 600_000,
  });
  await until(`${name} runs on ${FAR}`, async () => (await runningOn(FAR, name)) === 2);
  return functionId;
}
const runningOn = async (node: string, name: string): Promise<number> =>
  (await agentOf(node).client.stats()).instances.filter((own) => own.function === name && own.state !== 'frozen')
    .length;
const nodesOf = async (functionId: string): Promise<string> =>
  ((await store.placementOf(functionId))?.nodes ?? []).map(({ node, weight }) => `${node} ${weight}`).join();

/** Keeps a recommendation of that change. */
async function found(change: AdviceChange): Promise<string> {
  const { tenant, function: name } = 'tenant' in change ? change : { tenant: null, function: null };
  const strategy = change.kind === 'drain' ? ('consolidation' as const) : ('network-placement' as const);
  const advice = sampleAdvice({ tenant, function: name, strategy, change });
  const id = adviceId(advice);
  await store.replaceAdvice([{ ...advice, id }], { at: new Date(), tenant: null, strategies: null });
  return id;
}
const start = (id: string, input: Partial<ApplyAdviceInput> = {}) =>
  temporal.client.workflow.start(applyAdvice, {
    ...{ taskQueue: TASK_QUEUE, workflowId: `apply-advice/${id}`, args: [{ id, ...input }] },
  });
const inState = (id: string, state: AdviceState): Promise<void> =>
  until(`${id} is ${state}`, async () => (await store.findAdvice(id))?.state === state, 60_000);
const told = async (tenant: string | null): Promise<string[]> =>
  (await store.events({ tenant })).items.map(({ type }) => type).filter((type) => type.startsWith('cost.advice'));

test('a move is carried out by a migration, and taken back by another', async () => {
  const functionId = await placed('reports');
  const id = await found({ kind: 'move', tenant: 'acme', function: 'reports', from: FAR, to: NEAR });
  const handle = await start(id);
  await inState(id, 'watching');
  expect(await nodesOf(functionId)).toBe(`${NEAR} 100`);
  expect([await runningOn(FAR, 'reports'), await runningOn(NEAR, 'reports')]).toEqual([0, 2]);
  const [first] = (await store.migrations({ tenant: 'acme', limit: 9 })).items;
  expect(first).toMatchObject({ function: 'reports', from: FAR, to: NEAR, state: 'completed', reason: 'placement' });

  await handle.signal('revert', 'callers complain');
  expect(await handle.result()).toEqual({ id, outcome: 'reverted', reason: 'callers complain' });
  expect(await nodesOf(functionId)).toBe(`${FAR} 100`);
  expect([await runningOn(FAR, 'reports') > 0, await runningOn(NEAR, 'reports')]).toEqual([true, 0]); // prettier-ignore
  expect(await store.findAdvice(id)).toMatchObject({ state: 'reverted', reason: 'callers complain' });
  expect((await told('acme')).sort()).toEqual(['cost.advice.applied', 'cost.advice.reverted']);
});

test('a move whose target runs nothing leaves all where it was, and the recommendation is failed', async () => {
  const functionId = await placed('orders');
  const id = await found({ kind: 'move', tenant: 'acme', function: 'orders', from: FAR, to: NEAR });
  await store.setNodeState(NEAR, 'cordoned', { reason: 'test' });
  await expect((await start(id)).result()).rejects.toThrow();
  expect(await store.findAdvice(id)).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining(NEAR) as string,
  });
  expect(await nodesOf(functionId)).toBe(`${FAR} 100`);
  expect(await runningOn(FAR, 'orders')).toBe(2);
  await store.setNodeState(NEAR, 'ready', { reason: null });
});

test('one that no longer holds is refused, before anything is moved', async () => {
  const functionId = await placed('stale');
  const id = await found({ kind: 'move', tenant: 'acme', function: 'stale', from: NEAR, to: FAR });
  await expect((await start(id)).result()).rejects.toThrow();
  expect(await store.findAdvice(id)).toMatchObject({ state: 'open', appliedAt: null });
  expect(await nodesOf(functionId)).toBe(`${FAR} 100`);
});

test('a drain moves all that is on the node, is kept, and is taken back later', async () => {
  const functions = await Promise.all(['one', 'two'].map((name) => placed(name)));
  const id = await found({ kind: 'drain', node: FAR });
  const handle = await start(id);
  await inState(id, 'watching');
  expect(await store.findNode(FAR)).toMatchObject({ intent: 'drained' });
  for (const functionId of functions) expect(await nodesOf(functionId)).toBe(`${NEAR} 100`);
  expect((await agentOf(FAR).client.stats()).instances).toEqual([]);
  expect(await runningOn(NEAR, 'one')).toBeGreaterThan(0);
  await handle.signal('keep');
  expect(await handle.result()).toMatchObject({ outcome: 'kept' });

  const again = await start(id, { undo: true });
  expect(await again.result()).toMatchObject({ outcome: 'reverted' });
  expect(await store.findNode(FAR)).toMatchObject({ intent: 'ready' });
  expect(await told(null)).toEqual(expect.arrayContaining(['cost.advice.applied', 'cost.advice.kept', 'cost.advice.reverted'])); // prettier-ignore
});
