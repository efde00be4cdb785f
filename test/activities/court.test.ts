import { courtActivities } from '../../activities/court-activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { initialTrial, putLive } from '../../core/warming/policy-trial';
import { DEFAULT_PRICES } from '../../core/warming/prices';
import { ThreadCourtRunner } from '../../drivers/court/thread/thread-court-runner';
import { deployRevision, packed, sampleInvocation } from '../drivers/store/sample-records';
import { sampleForecast } from '../drivers/store/forecast-contract';
import { createMemoryStore, type MemoryStore } from '../fakes/memory-store';

const TEN = Date.parse('2026-03-08T10:00:00Z');
const MINUTE = 60_000;
const court = new ThreadCourtRunner();
let store: MemoryStore;
let activities: ReturnType<typeof courtActivities>;
let functionId: string;

beforeEach(async () => {
  store = createMemoryStore(() => new Date(TEN));
  await store.ensureTenant('default');
  const { revision } = await deployRevision(store, 'default', 'hello');
  functionId = revision.functionId;
  await store.setAlias(functionId, 'live', [{ revision: 1, weight: 100 }]);
  activities = courtActivities({
    store,
    court,
    platform: {
      ...{ prices: DEFAULT_PRICES, policy: 'presage', lingerMs: 1_000 },
      node: { imageBytes: 2 ** 30, cores: 2, parallelRestores: 2, parallelColdStarts: 2, canFreeze: true },
    },
    cluster: { nodes: async () => [{ name: 'local', tier: 'edge', address: '', labels: {} }] },
    agent: async () => ({ stats: async () => ({ memoryCapacityBytes: 2 ** 32 }) }),
    now: () => TEN,
  } as unknown as ActivityDependencies);
});
afterAll(() => court.close());

/** A call each `every` minutes from `from` on. */
async function called(from: number, every: number, count: number, change: object = {}): Promise<void> {
  await store.writeInvocations(
    packed(
      Array.from({ length: count }, (_, index) =>
        sampleInvocation({
          ...{ id: `${from}-${index}`, tenant: 'default', functionId, function: 'hello', revision: 1, kind: 'hot' },
          ...{
            at: new Date(TEN + (from + index * every) * MINUTE),
            queueMs: 0,
            startMs: 0,
            executeMs: 40,
            totalMs: 40,
          },
          ...change,
        }),
      ),
    ),
  );
}
const replay = (policy: string, from = 0, to = 60, functions?: string[]) =>
  activities.replayWindow({
    ...{ policy, tenant: 'default', functions },
    ...{ from: new Date(TEN + from * MINUTE).toISOString(), to: new Date(TEN + to * MINUTE).toISOString() },
  });

it('replays the calls of a window with what went before, and says what each policy had done', async () => {
  await called(-60, 5, 12);
  await called(0, 5, 12, { kind: 'cold', cause: 'expired', startMs: 200 });
  await store.writeForecasts([sampleForecast({ functionId, at: new Date(TEN) })]);
  const [kept, ended] = [await replay('fixed:10m'), await replay('none')];
  expect(kept).toMatchObject({ policy: 'fixed:10m', calls: 12, kinds: { warm: 12, cold: 0 }, coldShare: 0 });
  expect(kept.functions).toMatchObject([{ id: 'default/hello', calls: 12 }]);
  expect(ended).toMatchObject({ calls: 12, kinds: { cold: 12 }, waitP50Ms: 200 });
  expect(ended.price.waiting).toBeCloseTo(12 * 0.2 * 10_000, 0);
  expect(kept.memoryGbSeconds.frozen).toBeGreaterThan(100 * ended.memoryGbSeconds.frozen);
});

it('the instance that a deploy left serves the first call', async () => {
  const id = 'deployment-1';
  await store.createDeployment({ id, tenant: 'default', function: 'hello', revision: 1, workflowId: 'w' });
  await store.updateDeployment(id, { state: 'succeeded' });
  await called(2, 5, 3);
  expect((await replay('fixed:10m')).kinds).toMatchObject({ warm: 3, cold: 0 });
});

it('the same again gives the same, to the last figure', async () => {
  await called(0, 0.7, 80, { executeMs: 900, totalMs: 900 });
  expect(JSON.stringify(await replay('presage'))).toBe(JSON.stringify(await replay('presage')));
});

it('a window without such functions is refused; one without calls is none', async () => {
  await expect(replay('none', 0, 60, ['nobody'])).rejects.toMatchObject({ code: 'invalid_argument' });
  expect(await replay('none')).toMatchObject({ calls: 0, coldShare: 0, functions: [] });
});

describe('a verdict', () => {
  const window = { from: new Date(TEN).toISOString(), to: new Date(TEN + 60 * MINUTE).toISOString() };
  const prices = [
    { policy: 'none', calls: 30, price: 900 },
    { policy: 'presage', calls: 30, price: 100 },
  ];
  const apply = (runId: string) => activities.applyVerdict({ runId, workflowId: 'w', ...window, prices });

  it('is carried out once, told as an event, and changes what is on trial', async () => {
    await store.setPolicyTrial(putLive(initialTrial('presage'), 'none'), 0);
    expect(await activities.policiesOnTrial()).toEqual(['none', 'presage']);
    const verdict = { decision: 'revert', reason: 'presage had cost 100.0, none 900.0: the policy before comes back' };
    expect(await apply('r1')).toEqual(verdict);
    expect(await apply('r1')).toEqual(verdict);
    expect(await store.policyTrial()).toMatchObject({
      live: 'presage',
      previous: null,
      reverted: ['none'],
      generation: 2,
    });
    expect(await store.policyVerdicts(9)).toMatchObject([
      { runId: 'r1', decision: 'revert', from: new Date(TEN), prices },
    ]);
    expect((await store.events({ tenant: null })).items).toMatchObject([
      { type: 'warming.reverted', data: { from: 'none', to: 'presage' } },
    ]);
    expect(await activities.policiesOnTrial()).toEqual(['presage']);
  });

  it('where nobody has chosen anything, is only written down', async () => {
    expect(await activities.applyVerdict({ runId: 'r', workflowId: 'w', ...window, prices: prices.slice(1) })).toEqual({
      decision: 'keep',
      reason: 'presage has no rival',
    });
    expect(await store.policyTrial()).toBeNull();
    expect(await store.policyVerdicts(9)).toHaveLength(1);
  });

  it('decides nothing when somebody chose meanwhile', async () => {
    await store.setPolicyTrial(putLive(initialTrial('presage'), 'none'), 0);
    const trial = await store.policyTrial();
    store.policyTrial = async () => trial && { ...trial, generation: 0 };
    expect(await apply('r1')).toMatchObject({ decision: 'keep', reason: expect.stringContaining('changed while') });
    expect(await store.policyVerdicts(9)).toMatchObject([{ decision: 'keep' }]);
  });
});
