import { optimizingActivities, type PlanInput } from '../../activities/optimizing-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { budgetSpecSchema } from '../../core/budget/budget-spec';
import { costSettingsSchema, priceTableOf } from '../../core/cost/cost-settings';
import { makePlan } from '../../core/plan/make-plan';
import type { PlanRequest } from '../../core/plan/placement-plan';
import { placementSettingsSchema } from '../../core/plan/placement-settings';
import type { ClusterNode } from '../../drivers/cluster/cluster';
import { deployRevision, packed, sampleInvocation } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const NOW = Date.parse('2026-03-04T05:30:00.000Z');
const MINUTE_MS = 60_000;

function node(name: string, region: string, tier: ClusterNode['tier']): ClusterNode {
  const capacity = { cpuMillis: 4_000, memoryBytes: 8e9, slots: 50 };
  return { name, region, tier, address: `unix:${name}`, labels: {}, state: 'ready', capacity };
}

let store: MemoryStore;
let ids: Record<string, string>;
let requests: PlanRequest[];
let nodes: ClusterNode[];
beforeEach(async () => {
  store = createMemoryStore(() => new Date(NOW - 60 * MINUTE_MS));
  requests = [];
  nodes = [node('edge-1', 'eu', 'edge'), node('central-1', 'us', 'central')];
  ids = {};
  await store.ensureTenant('acme');
  for (const name of ['pay', 'cart', 'idle']) {
    const { function: fn, revision } = await deployRevision(store, 'acme', name);
    await store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
    ids[name] = fn.id;
    if (name !== 'idle') await store.setPlacement(fn.id, [{ node: 'central-1', weight: 100 }], { ifGeneration: 0 });
  }
  const call = (name: string, index: number, change: object) =>
    sampleInvocation({
      tenant: 'acme',
      functionId: ids[name] ?? '',
      function: name,
      at: new Date(NOW - (index % 50) * MINUTE_MS),
      bytesOut: 100,
      ...change,
    });
  const range = Array.from({ length: 600 }, (_, index) => index);
  await store.writeInvocations(
    packed([
      ...range.map((index) => call('cart', index, { userRegion: 'eu' })),
      ...range.map((index) => call('pay', index, { callerId: ids['cart'], caller: 'cart' })),
    ]),
  );
});

function activities(change: Partial<ActivityDependencies> = {}, settings: object = {}) {
  return optimizingActivities({
    store,
    cluster: { nodes: async () => nodes },
    images: { stat: async () => ({ digest: 'sha256:code', bytes: 5_000 }) },
    planner: {
      plan: async (request: PlanRequest) => {
        requests.push(request);
        return makePlan(request);
      },
    },
    placement: placementSettingsSchema.parse(settings),
    network: { latency: { eu: { us: 80 } }, nodeLatency: {} },
    prices: priceTableOf(costSettingsSchema.parse({})),
    bandwidth: (region: string) => (region === 'eu' ? 20_000_000 : Number.POSITIVE_INFINITY),
    now: () => NOW,
    ...change,
  } as unknown as ActivityDependencies);
}
const input: PlanInput = { planId: 'p1', workflowId: 'optimize', dryRun: false, scheduled: true };

test('plans from what was measured, and keeps what was decided', async () => {
  const plan = await activities().planPlacement(input);
  expect(plan).toMatchObject({ planId: 'p1', verdict: 'move', atOnce: 2 });
  expect(plan.moves.map((move) => [move.function, move.to]).sort()).toEqual([
    ['acme/cart', ['edge-1']],
    ['acme/pay', ['edge-1']],
  ]);
  const { problem, notes } = requests[0] as PlanRequest;
  expect(problem.nodes.map((node) => [node.region, node.bandwidthBytesPerSecond])).toEqual(
    nodes.map(({ region }) => [region, region === 'eu' ? 20_000_000 : null]),
  );
  const hours = (NOW - (NOW - (NOW % (60 * MINUTE_MS)) - 6 * 60 * MINUTE_MS)) / (60 * MINUTE_MS);
  expect(problem.functions.find(({ id }) => id === 'acme/cart')).toMatchObject({
    users: [{ region: 'eu', callsPerHour: expect.closeTo(600 / hours, 6) as number }],
    move: { bytes: 5_000 },
    current: { nodes: ['central-1'], secondsSinceMove: null },
  });
  expect(problem.calls).toMatchObject([{ from: 'acme/cart', to: 'acme/pay', bytesPerCall: 100 }]);
  expect(notes).toEqual(['1 function(s) that nobody called are placed nowhere, and stay so']);
  expect(await store.latestPlacementDecision()).toMatchObject({
    id: 'p1',
    dryRun: false,
    plan: { assignment: [{ nodes: ['central-1'] }, { nodes: ['central-1'] }] },
  });
  const { items } = await store.events({ tenant: null, types: ['placement.planned'] });
  expect(items).toMatchObject([{ data: { plan: 'p1' } }]);
  expect(await store.placementFigures()).toMatchObject({ plans: 1, moves: 0 });
});

test('a dry run with other weights says nothing of the present, and tells nobody', async () => {
  const plan = await activities().planPlacement({
    ...input,
    dryRun: true,
    scheduled: false,
    weights: { user: 0 },
    maxMoves: 1,
  });
  expect(requests[0]?.problem.weights).toMatchObject({ user: 0, data: 1 });
  expect(requests[0]?.rules.most).toBe(1);
  expect(plan.costs?.before.user).toBe(0);
  expect(await store.latestPlacementDecision()).toBeNull();
  expect((await store.events({ tenant: null, types: ['placement.planned'] })).items).toEqual([]);
});

test('who is being moved, or is another tenant’s, stays', async () => {
  await store.setPlacement(ids['pay'] ?? '', [{ node: 'central-1', weight: 100 }], {
    ifGeneration: 1,
    fence: 'migrate/x/1',
  });
  await activities().planPlacement(input);
  expect(requests[0]?.movable).toEqual(['acme/cart']);
  expect(requests[0]?.notes).toContain('acme/pay is being moved just now');
  expect(requests[0]?.problem.functions.find(({ id }) => id === 'acme/pay')?.current?.secondsSinceMove).toBe(3_600);
  await activities().planPlacement({ ...input, planId: 'p2', tenant: 'other' });
  expect(requests[1]?.movable).toEqual([]);
});

const neverHeard = (): void => void (nodes[1] = { ...node('x', 'us', 'central'), capacity: null });
test.each<[string, () => void, Partial<ActivityDependencies>, object]>([
  ['there is one node', () => void nodes.splice(1), {}, {}],
  ['nothing is known of distances', () => undefined, { network: { latency: {}, nodeLatency: {} } }, {}],
  ['placement.enabled is false', () => undefined, {}, { enabled: false }],
  ['fewer than two nodes were ever heard of', neverHeard, {}, {}],
])('decides nothing where %s', async (reason, prepare, change, settings) => {
  prepare();
  const plan = await activities(change, settings).planPlacement(input);
  expect(plan).toMatchObject({ planId: null, verdict: 'keep', moves: [], reason: expect.stringContaining(reason) });
  expect(await store.findPlacementDecision('p1')).toBeNull();
});

test('a placement policy that was declared counts instead of what is configured', async () => {
  const spec = { enabled: true, weights: { user: 0.5 }, threshold: 0.2, rest: '2h', maxMoves: 1, atOnce: 7 };
  await store.replaceDeclaredPolicies('PlacementPolicy', [
    { tenant: 'presage', name: 'p', uid: 'u', generation: 1, spec },
  ]);
  const plan = await activities({}, { enabled: false, leastSaving: 5 }).planPlacement(input);
  expect(plan).toMatchObject({ planId: 'p1', atOnce: 7 });
  expect(requests[0]?.problem.weights).toMatchObject({ user: 0.5, data: 1 });
  expect(requests[0]?.rules).toMatchObject({ leastShare: 0.2, leastSaving: 5, restSeconds: 7_200, most: 1 });
  await store.replaceDeclaredPolicies('PlacementPolicy', [
    { tenant: 'presage', name: 'p', uid: 'u', generation: 2, spec: { enabled: false } },
  ]);
  expect((await activities().planPlacement(input)).reason).toContain('switched off');
});

test('a matrix with holes is refused before anything is decided', async () => {
  nodes.push(node('edge-2', 'asia', 'edge'));
  await expect(activities().planPlacement(input)).rejects.toMatchObject({
    code: 'invalid_argument',
    problems: [{ path: 'network.latency.asia.eu' }, { path: 'network.latency.asia.us' }],
  });
});

test('what came of the moves is kept and counted', async () => {
  const acts = activities();
  await acts.planPlacement(input);
  const outcomes = [
    { function: 'acme/cart', state: 'done' as const, error: null },
    { function: 'acme/pay', state: 'skipped' as const, error: 'no room' },
  ];
  await acts.notePlanOutcomes({ planId: 'p1', outcomes });
  expect(await store.findPlacementDecision('p1')).toMatchObject({ outcomes });
  expect(await store.placementFigures()).toMatchObject({ moves: 1, failedMoves: 1 });
});

test('a function gets its first node once; one that somebody moves is left to them', async () => {
  const acts = activities();
  const idle = { tenant: 'acme', function: 'idle' };
  await acts.placeOn({ ...idle, node: 'edge-1' });
  await acts.placeOn({ ...idle, node: 'central-1' });
  expect(await acts.replicaFacts(idle)).toMatchObject({ nodes: [{ node: 'edge-1', weight: 100 }], generation: 1 });
  await store.setPlacement(ids['idle'] ?? '', [{ node: 'edge-1', weight: 100 }], { ifGeneration: 1, fence: 'w/r' });
  await expect(acts.replicaFacts(idle)).rejects.toMatchObject({ code: 'conflict' });
  await expect(acts.replicaFacts({ ...idle, function: 'absent' })).rejects.toMatchObject({
    code: 'function_not_found',
  });
});

test('a budget without money for moves lets functions stay, and one that asks for the cheapest tier moves them there', async () => {
  const spec = budgetSpecSchema.parse({ limit: '1', functions: ['cart'] });
  const { budget } = await store.putBudget({ tenant: 'acme', name: 'small', spec, origin: 'api' });
  const decide = (steps: readonly ('cheaper-tier' | 'refuse')[], decidedAt: number, before: number | null) =>
    store.setBudgetState(
      {
        budgetId: budget.id,
        generation: 1,
        periodStart: new Date(0),
        periodEnd: new Date(NOW + 3_600_000),
        steps,
        plan: [],
        spent: 10n ** 12n,
        spentByCritical: 0n,
        forecast: 10n ** 12n,
        decidedAt: new Date(decidedAt),
        changedAt: new Date(decidedAt),
      },
      { ifDecidedAt: before === null ? null : new Date(before), events: [] },
    );
  await decide([], 1, null);
  const kept = await activities().planPlacement(input);
  expect(kept.moves.map((move) => move.function)).not.toContain('acme/cart');
  expect(kept.notes).toContain('acme/cart stays where it is: its budget leaves no money for a move');
  await store.setPlacement(ids['cart'] ?? '', [{ node: 'edge-1', weight: 100 }], { ifGeneration: 1 });
  await decide(['cheaper-tier'], 2, 1);
  const dear = { cost: { tiers: { edge: { gbSecondRunning: 100 } } } };
  const prices = priceTableOf(costSettingsSchema.parse(dear.cost));
  const cheaper = await activities({ prices }).planPlacement({ ...input, planId: 'p2' });
  expect(cheaper.moves.find((move) => move.function === 'acme/cart')).toMatchObject({
    to: ['central-1'],
    forced: true,
  });
});
