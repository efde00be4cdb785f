import { adviceActivities } from '../../activities/advice-activities';
import { applyingActivities, type BegunAdvice } from '../../activities/applying-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { adviseCosts } from '../../core/cost/advice/advise-costs';
import { PRICE_PRESETS } from '../../core/cost/price-presets';
import { DEFAULT_PRICES } from '../../core/warming/prices';
import type { AdviceRequest } from '../../drivers/advisor/cost-advisor';
import { ThreadCourtRunner } from '../../drivers/court/thread/thread-court-runner';
import { sampleAdvice } from '../drivers/store/advice-contract';
import { deployRevision, packed, sampleInvocation } from '../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const MIB = 2 ** 20;
const NOON = Date.parse('2026-03-08T12:00:00Z');
const HOUR = 3_600_000;
const { prices } = PRICE_PRESETS['aws-lambda'];
const day = { from: new Date(NOON - 24 * HOUR).toISOString(), to: new Date(NOON).toISOString() };

const court = new ThreadCourtRunner();
let store: MemoryStore;
let dependencies: ActivityDependencies;
let functionId: string;
let revisionId: string;

beforeEach(async () => {
  store = createMemoryStore(() => new Date(NOON));
  await store.ensureTenant('acme');
  const { revision } = await deployRevision(store, 'acme', 'pay');
  ({ functionId, id: revisionId } = revision);
  await store.setRevisionState(revisionId, 'ready');
  await store.setAlias(functionId, 'live', [{ revision: 1, weight: 100 }]);
  dependencies = {
    store,
    court,
    advisor: { advise: async ({ facts, only }: AdviceRequest) => adviseCosts(facts, only) },
    platform: {
      ...{ prices: DEFAULT_PRICES, policy: 'fixed:10m', lingerMs: 1_000 },
      node: { imageBytes: 2 ** 30, cores: 2, parallelRestores: 2, parallelColdStarts: 2, canFreeze: true },
    },
    cluster: {
      nodes: async () => [{ name: 'local', tier: 'edge', region: 'local', address: '', labels: {}, state: 'ready' }],
    },
    agent: async () => ({ stats: async () => ({ memoryCapacityBytes: 2 ** 32 }) }),
    prices: {
      name: 'test',
      asOf: null,
      source: 'test',
      tiers: { edge: prices, regional: prices, central: prices },
    },
    costs: { machine: prices, autoApply: ['right-size-memory'] },
    now: () => NOON,
  } as unknown as ActivityDependencies;
});
afterAll(() => court.close());

/** A call each ten minutes of that many hours before noon, and looks at what its instances use. */
async function called(hours: number, change: object = {}): Promise<void> {
  await store.writeInvocations(
    packed(
      Array.from({ length: 6 * hours }, (_, index) =>
        sampleInvocation({
          ...{ id: `call-${index}-${hours}`, tenant: 'acme', functionId, function: 'pay', revision: 1, kind: 'hot' },
          ...{ at: new Date(NOON - 600_000 * (index + 1)), queueMs: 0, startMs: 0, executeMs: 30_000, totalMs: 30_000 },
          ...change,
        }),
      ),
    ),
  );
  for (const ago of [24, 1]) {
    const hour = new Date(NOON - ago * HOUR);
    const looks = { bins: { 44: 1_000 }, samples: 1_000, peakBytes: 50 * MIB };
    await store.writeMemoryHours([{ revisionId, hour, node: 'local', incarnation: 'i', looks }]);
  }
}

it('finds what is too large, keeps it, and names what the configuration has applied', async () => {
  await called(24);
  const { adviseCosts } = adviceActivities(dependencies);
  const asked = { ...day, policies: [], strategies: undefined };
  expect(await adviseCosts({ ...asked, dryRun: true })).toMatchObject({ found: 1, apply: [] });
  expect(await store.advice({ tenant: null })).toEqual([]);
  const found = await adviseCosts({ ...asked, dryRun: false });
  expect(found).toMatchObject({ found: 1, told: [{ strategy: 'right-size-memory', confidence: 'high' }] });
  const [advice] = await store.advice({ tenant: 'acme' });
  expect(advice).toMatchObject({ state: 'open', change: { kind: 'spec', revision: 1, set: { memory: '64Mi' } } });
  expect(found.apply).toEqual([advice?.id]);
  await store.stepAdvice(advice?.id ?? '', { state: 'watching' }, ['open']);
  expect(await adviseCosts({ ...asked, dryRun: false })).toMatchObject({ apply: [] });
  expect(await adviseCosts({ ...asked, tenant: 'rival', dryRun: true })).toMatchObject({ found: 0 });
});

it('replays policies as evidence', async () => {
  await called(2);
  const { livePolicy, replayEvidence } = adviceActivities(dependencies);
  expect(await livePolicy()).toBe('fixed:10m');
  const window = { from: new Date(NOON - 2 * HOUR).toISOString(), to: day.to };
  const kept = await replayEvidence({ policy: 'fixed:20m', ...window });
  const ended = await replayEvidence({ policy: 'none', ...window });
  expect(kept).toMatchObject({ policy: 'fixed:20m', calls: 12, windowMs: 2 * HOUR });
  expect(kept.lateShare).toBeLessThan(ended.lateShare);
  expect(kept.idleGbSeconds).toMatchObject([{ tier: 'edge' }]);
  expect(kept.idleGbSeconds[0]?.frozen).toBeGreaterThan(10 * (ended.idleGbSeconds[0]?.frozen ?? 0));
});

describe('applying', () => {
  const spec = { kind: 'spec', tenant: 'acme', function: 'pay', revision: 1, set: { memory: '64Mi' } } as const;
  const begun = (): BegunAdvice => ({ ...sampleAdvice({ change: spec }), title: 'less' });
  const claim = { id: 'aaaaaaaaaaaa', by: 'key', undo: false, workflowId: 'w' };
  beforeEach(() =>
    store.replaceAdvice([sampleAdvice({ change: spec })], { at: new Date(NOON), tenant: null, strategies: null }),
  );

  it('is claimed once, by one workflow, for what it was reckoned for', async () => {
    const { beginAdvice } = applyingActivities(dependencies);
    expect(await beginAdvice(claim)).toMatchObject({ id: 'aaaaaaaaaaaa', change: spec });
    expect(await beginAdvice(claim)).toMatchObject({ id: 'aaaaaaaaaaaa' });
    await expect(beginAdvice({ ...claim, workflowId: 'other' })).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(beginAdvice({ ...claim, id: 'cccccccccccc' })).rejects.toMatchObject({ code: 'not_found' });
    await store.replaceAdvice([sampleAdvice({ id: 'bbbbbbbbbbbb', change: { ...spec, revision: 7 } })], { at: new Date(NOON), tenant: null, strategies: null }); // prettier-ignore
    await expect(beginAdvice({ ...claim, id: 'bbbbbbbbbbbb' })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('has changed since') as string,
    });
  });

  it('makes the patched revision once, knows when it is in force, and tells each step', async () => {
    const { patchedRevision, adviceApplied, noteAdvice, beginAdvice } = applyingActivities(dependencies);
    await beginAdvice(claim);
    const made = await patchedRevision({ change: spec });
    expect(await patchedRevision({ change: spec })).toEqual(made);
    expect((await store.findRevision(functionId, made.revision))?.manifest.spec.resources.memory).toBe('64Mi');
    expect(await adviceApplied({ change: spec })).toBe(false);
    await store.setAlias(functionId, 'live', [{ revision: made.revision, weight: 100 }]);
    expect(await adviceApplied({ change: spec })).toBe(true);
    expect(await adviceApplied({ change: { ...spec, set: { memory: '32Mi' } } })).toBe(false);
    await noteAdvice({ advice: begun(), state: 'watching', reason: 'deployed' });
    await noteAdvice({ advice: begun(), state: 'kept', reason: 'it saves' });
    expect(await store.findAdvice('aaaaaaaaaaaa')).toMatchObject({
      state: 'kept',
      reason: 'it saves',
      appliedAt: new Date(NOON),
    });
    const { items } = await store.events({ tenant: 'acme' });
    expect(items.map(({ type }) => type)).toEqual(expect.arrayContaining(['cost.advice.applied', 'cost.advice.kept']));
  });

  it('switches the policy, unless somebody has chosen a third', async () => {
    const { switchPolicy } = applyingActivities(dependencies);
    expect(await switchPolicy({ from: 'fixed:10m', to: 'presage' })).toBe(true);
    expect(await switchPolicy({ from: 'fixed:10m', to: 'presage' })).toBe(true);
    expect(await store.policyTrial()).toMatchObject({ live: 'presage', previous: 'fixed:10m' });
    expect(await switchPolicy({ from: 'seed', to: 'none' })).toBe(false);
  });

  it('judges a policy by the replays, and all else by the ledger', async () => {
    const { judgeAdvice } = applyingActivities(dependencies);
    const change = { kind: 'policy', from: 'fixed:10m', to: 'presage' } as const;
    const window = { appliedAt: new Date(NOON - HOUR).toISOString(), to: day.to };
    const evidence = (frozen: number) => ({
      ...{ policy: 'p', calls: 100, coldShare: 0, lateShare: 0, lateSeconds: 0, waitedSeconds: 0, windowMs: HOUR },
      idleGbSeconds: [{ tier: 'edge' as const, running: 0, frozen }],
    });
    const judged = (live: number, before: number) => judgeAdvice({ change, ...window, replayed: [evidence(live), evidence(before)] }); // prettier-ignore
    expect(await judged(10, 100)).toMatchObject({ decision: 'kept' });
    expect(await judged(100, 10)).toMatchObject({ decision: 'reverted' });
    expect(await judgeAdvice({ change: spec, ...window, replayed: [] })).toMatchObject({ decision: 'undecided' });
  });
});
