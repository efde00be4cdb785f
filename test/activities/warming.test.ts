import type { SetTargetsRequest } from '../../agent/rpc/agent-messages';
import type { ActivityDependencies } from '../../activities/dependencies';
import { warmingActivities } from '../../activities/warming-activities';
import type { WarmthQuery } from '../../activities/warmth-planner';
import { PlatformError } from '../../core/error/platform-error';
import { parseManifest } from '../../core/function/manifest';
import { runSpecOf } from '../../core/function/run-spec-of';
import type { RevisionRecord } from '../../drivers/store/store';
import type { WarmthRecord } from '../../drivers/store/warming-store';
import { deployRevision } from '../drivers/store/sample-records';
import { sampleWarmth } from '../drivers/store/warming-contract';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const NOW = new Date('2026-03-08T12:00:08Z');
const away = new PlatformError('unavailable', 'The agent is away');

let store: MemoryStore;
let told: Map<string, SetTargetsRequest[]>;
let gone: Set<string>;
let decisions: WarmthRecord[];
let asked: WarmthQuery[];
let states: Record<string, string>;
let withoutSecret: string | null;
let activities: ReturnType<typeof warmingActivities>;

beforeEach(async () => {
  store = createMemoryStore(() => NOW);
  told = new Map();
  gone = new Set();
  decisions = [];
  asked = [];
  withoutSecret = null;
  states = {};
  await store.ensureTenant('default');
  const client = (node: string) => ({
    stats: () => (gone.has(node) ? Promise.reject(away) : Promise.resolve({ memoryCapacityBytes: 1e9, instances: [] })),
    setTargets: (request: SetTargetsRequest) => {
      if (gone.has(node)) return Promise.reject(away);
      told.set(node, [...(told.get(node) ?? []), request]);
      return Promise.resolve({ accepted: request.targets.length, capped: [] });
    },
  });
  activities = warmingActivities({
    store,
    cluster: {
      nodes: async () =>
        ['local', 'edge-1'].map((name) => ({ name, tier: 'edge', labels: {}, state: states[name] ?? 'ready' })),
    },
    agent: async (node: string) => client(node),
    runSpec: async (revision: RevisionRecord) => {
      if (revision.function === withoutSecret) throw new PlatformError('start_failed', 'A secret is not set');
      return runSpecOf(revision);
    },
    now: () => NOW.getTime(),
    warmth: {
      plan: async (query: WarmthQuery) => {
        asked.push(query);
        const newlyCapped = decisions.filter(({ capped }) => capped);
        return { policy: 'presage', decisions, newlyCapped, waiting: 0, seconds: 0.25 };
      },
    },
  } as unknown as ActivityDependencies);
});

async function decide(name: string, change: Partial<WarmthRecord> = {}): Promise<void> {
  const { revision } = await deployRevision(store, 'default', name);
  await store.setAlias(revision.functionId, 'live', [{ revision: 1, weight: 100 }]);
  const { functionId, id: revisionId } = revision;
  decisions.push(sampleWarmth({ functionId, revisionId, function: name, at: NOW, decisionId: 'd', ...change }));
}
const plan = (dryRun = false) => activities.planWarmth({ decisionId: 'd', dryRun });
const events = async () => (await store.events({ tenant: null })).items.map(({ type, node }) => [type, node]);

it('plans for the nodes that answer, records it, and tells of what memory cuts', async () => {
  await decide('hello');
  await decide('other', { capped: false, steps: [{ after: 0, running: 0, frozen: 4 }] });
  gone.add('edge-1');
  expect(await plan()).toMatchObject({
    functions: 2,
    ready: 7,
    unreached: [{ node: 'edge-1', error: 'The agent is away' }],
    decisions: [
      { function: 'other', ready: 4 },
      { function: 'hello', ready: 3 },
    ],
  });
  expect(asked).toMatchObject([{ decisionId: 'd', nodes: [{ name: 'local', memoryBytes: 1e9 }] }]);
  expect(await store.warmthOf('d')).toHaveLength(2);
  expect(await events()).toEqual([
    ['warming.capped', null],
    ['warming.unreached', 'edge-1'],
  ]);
  expect(await store.warmingFigures()).toMatchObject({ decisions: 2, planSeconds: 0.25, capped: 1, unreachedNodes: 1 });
});

it('leaves no trace in a dry run', async () => {
  await decide('hello');
  expect(await plan(true)).toMatchObject({ functions: 1 });
  expect([await store.warmthOf('d'), await events()]).toEqual([[], []]);
});

it('tells each node what it was granted, in milliseconds', async () => {
  await decide('hello');
  await plan();
  expect(await activities.applyTargets({ decisionId: 'd' })).toEqual({
    nodes: [
      { node: 'local', accepted: 1, capped: [] },
      { node: 'edge-1', accepted: 1, capped: [] },
    ],
    unreached: [],
    left: [],
  });
  const targets = (node: string) => told.get(node)?.flatMap((request) => request.targets);
  expect(targets('local')).toMatchObject([
    {
      steps: [
        { afterMs: 0, running: 1, frozen: 1 },
        { afterMs: 12_500, running: 0, frozen: 1 },
      ],
      keepAliveMs: [600_000, 60_000, 0],
      expectedRate: 0.25,
    },
  ]);
  expect(targets('edge-1')).toMatchObject([{ steps: [{ afterMs: 0, running: 0, frozen: 0 }], keepAliveMs: [0] }]);
});

it('agents keep less than is declared where no more is decided: there is no money for its calls', async () => {
  const spec = { runtime: 'nodejs', handler: 'index.handler', scale: { min: 2, max: 5 } };
  const manifest = parseManifest({ apiVersion: 'presage.dev/v1', kind: 'Function', metadata: { name: 'kept' }, spec });
  const code = { digest: 'sha256:d', codeDigest: 'sha256:code', codeKind: 'layer' as const };
  const { revision } = await store.createRevision({ tenant: 'default', manifest, ...code });
  await store.setAlias(revision.functionId, 'live', [{ revision: 1, weight: 100 }]);
  const mins = async (steps: WarmthRecord['steps']): Promise<number[]> => {
    const { functionId, id: revisionId } = revision;
    const decisionId = `for ${steps[0]?.frozen}`;
    decisions = [sampleWarmth({ functionId, revisionId, function: 'kept', at: NOW, decisionId, steps })];
    told.clear();
    await activities.planWarmth({ decisionId, dryRun: false });
    await activities.applyTargets({ decisionId });
    const targets = [...told.values()].flat().flatMap((request) => request.targets);
    return targets.map(({ runSpecJson }) => (JSON.parse(runSpecJson) as { scale: { min: number } }).scale.min);
  };
  expect(await mins([{ after: 0, running: 0, frozen: 2 }])).toEqual([2, 2]);
  expect(await mins([{ after: 0, running: 0, frozen: 0 }])).toEqual([0, 0]);
});

it('an agent that vanishes between plan and apply does not keep the others from being told', async () => {
  await decide('hello');
  await plan();
  gone.add('local');
  expect(await activities.applyTargets({ decisionId: 'd' })).toMatchObject({
    nodes: [{ node: 'edge-1', accepted: 1 }],
    unreached: [{ node: 'local', error: 'The agent is away' }],
  });
  expect(await events()).toContainEqual(['warming.unreached', 'local']);
});

it('a node that nothing was planned for is told nothing', async () => {
  await decide('hello', { granted: { local: 3 } });
  await plan();
  expect((await activities.applyTargets({ decisionId: 'd' })).nodes).toMatchObject([{ node: 'local' }]);
  expect([...told.keys()]).toEqual(['local']);
});

it('a function that was deleted, or whose secret is missing, does not keep the others from being told', async () => {
  for (const name of ['gone', 'locked', 'hello']) await decide(name);
  await plan();
  await store.deleteFunction('default', 'gone');
  withoutSecret = 'locked';
  const applied = await activities.applyTargets({ decisionId: 'd' });
  expect(applied.left.map(({ function: name }) => name)).toEqual(['default/gone', 'default/locked']);
  expect(applied.left[1]?.error).toBe('A secret is not set');
  expect(applied.nodes).toMatchObject([{ accepted: 1 }, { accepted: 1 }]);
});

it('many targets go in several calls', async () => {
  for (let index = 0; index < 150; index++) await decide(`f${index}`);
  await plan();
  await activities.applyTargets({ decisionId: 'd' });
  expect(told.get('local')?.map(({ targets }) => targets.length)).toEqual([100, 50]);
});

it('plans nothing new for a node that is to be left', async () => {
  await decide('one');
  states['edge-1'] = 'cordoned';
  await plan();
  expect(asked[0]?.nodes.map(({ name }) => name)).toEqual(['local']);
});
