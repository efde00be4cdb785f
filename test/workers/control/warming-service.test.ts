import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { WarmthPlan, WarmthQuery } from '../../../activities/warmth-planner';
import { budgetSpecSchema, type DegradeStep } from '../../../core/budget/budget-spec';
import { parseManifest, type ManifestInput } from '../../../core/function/manifest';
import { DEFAULT_PRICES } from '../../../core/warming/prices';
import { peakOf } from '../../../core/warming/grant-targets';
import { WarmingService, type WarmingServiceOptions } from '../../../workers/control/warming/warming-service';
import { sampleForecast } from '../../drivers/store/forecast-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';
import { manifestOf } from '../../gateway/api/api-harness';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GB = 1e9;

let now: number;
let store: MemoryStore;
let service: WarmingService;
beforeEach(() => {
  now = Date.parse('2026-03-10T09:00:08Z');
  store = createMemoryStore(() => new Date(now));
  service = newService();
});
afterEach(() => service.stop());

function newService(change: Partial<WarmingServiceOptions> = {}): WarmingService {
  const log = pino({ level: 'silent' });
  const settings = { policy: 'fixed:10m', memoryShare: 1, prices: DEFAULT_PRICES, chargedGbSecond: 10 };
  return new WarmingService({ store, log, now: () => now, ...settings, ...change });
}

async function makeFunction(name: string, spec: Partial<ManifestInput['spec']> = {}): Promise<string> {
  await store.ensureTenant('acme');
  const plain = manifestOf(name) as ManifestInput;
  const manifest = parseManifest({ ...plain, spec: { ...plain.spec, resources: { memory: '100M' }, ...spec } });
  const made = { tenant: 'acme', manifest, digest: randomUUID(), codeDigest: 'c', codeKind: 'layer' } as const;
  const { function: fn, revision } = await store.createRevision(made);
  await store.setAlias(fn.id, 'live', [{ revision: revision.number, weight: 100 }]);
  return fn.id;
}
const called = (functionId: string, at: number, change: object = {}) =>
  store.writeInvocations(
    packed([
      sampleInvocation({ id: randomUUID(), tenant: 'acme', functionId, at: new Date(at), totalMs: 100, ...change }),
    ]),
  );
const plan = (change: Partial<WarmthQuery> = {}): Promise<WarmthPlan> =>
  service.plan({
    decisionId: 'd',
    dryRun: false,
    nodes: [{ name: 'local', memoryBytes: 10 * GB }],
    ...change,
  });
async function decisionOf(functionId: string, change: Partial<WarmthQuery> = {}) {
  return (await plan(change)).decisions.find((row) => row.functionId === functionId);
}
/** The next minute's decision. */
async function minute(functionId: string) {
  now += MINUTE_MS;
  return decisionOf(functionId);
}

test('what was called of late is held, for what is left of its time', async () => {
  const id = await makeFunction('pay');
  await called(id, now - 2 * MINUTE_MS);
  const decision = await decisionOf(id);
  expect(decision).toMatchObject({
    function: 'pay',
    policy: 'fixed:10m',
    steps: [{ after: 0, running: 0, frozen: 1 }],
    keepAlive: [600],
    granted: { local: 1 },
    capped: false,
    forecastMean: null,
    reason: 'fixed:10m holds up to 1, 1 is known to be used at once; there is no forecast of this minute',
  });
  now += 7 * MINUTE_MS;
  expect((await decisionOf(id))?.steps).toEqual([
    { after: 0, running: 0, frozen: 1 },
    { after: 61, running: 0, frozen: 0 },
  ]);
});

test('each minute takes in the calls that ended in it; a function that is new is found', async () => {
  const first = await makeFunction('first');
  expect(await decisionOf(first)).toBeUndefined();
  await called(first, now + 1_000);
  await called(first, now + 1_050);
  expect(await minute(first)).toMatchObject({ steps: [{ frozen: 2 }] });
  const second = await makeFunction('second');
  await called(second, now + 1_000);
  expect(await minute(second)).toMatchObject({ steps: [{ frozen: 1 }] });
});

test('a service that begins anew goes on from what is recorded: counts of weeks, calls of the last hours', async () => {
  const id = await makeFunction('timer');
  const minutes = Float64Array.from({ length: 3 * 24 * 60 }, (_, at) => (at % 60 === 59 ? 1 : 0));
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const first = new Date(end - minutes.length * MINUTE_MS);
  await store.importHistory({
    tenant: 'acme',
    source: 'x',
    series: [{ functionId: id, first, counts: Int32Array.from(minutes) }],
  });
  service = newService({ policy: 'presage', prices: { ...DEFAULT_PRICES, waitSecond: 50_000 } });
  // Hours pass in which the timer is not held, but shortly before it is due it is.
  const held: boolean[] = [];
  for (let step = 0; step < 59; step++) {
    const decision = await minute(id);
    held.push(peakOf(decision ?? { steps: [] }) > 0);
  }
  expect(held.slice(10, 45).filter(Boolean)).toEqual([]);
  expect(held.slice(54)).toContain(true);
});

test('a policy that only ranks starts nothing: what rests stays until memory is short', async () => {
  service = newService({ policy: 'greedy-dual' });
  const id = await makeFunction('pay', { scale: { min: 1, max: 5 } });
  for (const ago of [1_000, 1_050, 1_090]) await called(id, now - MINUTE_MS - ago);
  expect(await decisionOf(id)).toMatchObject({
    steps: [{ after: 0, running: 0, frozen: 1 }],
    keepAlive: [7 * 86_400],
  });
});

test('declared floors and warm windows are held whatever the policy says', async () => {
  service = newService({ policy: 'none' });
  const min = await makeFunction('min', { scale: { min: 2, max: 5 } });
  const window = await makeFunction('window', {
    warmWindows: [{ cron: '1 9 * * *', duration: '5m', instances: 3 }],
  });
  expect(await decisionOf(min)).toMatchObject({ floor: 2, steps: [{ after: 0, frozen: 2 }] });
  expect(await decisionOf(window)).toMatchObject({ floor: 3, steps: [{ after: 0, frozen: 3 }] });
  now += 6 * MINUTE_MS;
  // That it is over is said once.
  expect(await decisionOf(window)).toMatchObject({ floor: 0, steps: [{ after: 0, frozen: 0 }] });
  expect(await decisionOf(window)).toBeUndefined();
});

describe('forecasts', () => {
  const expectCalls = async (functionId: string, calls: number, at = now) => {
    const minutes = Array.from({ length: 10 }, () => calls);
    const quantiles = Array.from({ length: 80 }, () => calls);
    const whole = new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS);
    await store.writeForecasts([sampleForecast({ functionId, at: whole, mean: minutes, quantiles })]);
  };
  beforeEach(() => (service = newService({ policy: 'presage' })));

  test('ask for instances of functions whose calls run side by side', async () => {
    const id = await makeFunction('busy');
    await called(id, now - HOUR_MS, { executeMs: 1_000 });
    await expectCalls(id, 120);
    const decision = await decisionOf(id);
    expect(decision).toMatchObject({ forecastMean: 120, expectedRate: 2 });
    expect(decision?.pool).toBeGreaterThan(1);
    expect(decision?.reason).toContain('the forecast of 120 calls asks for');
  });

  test.each([Number.NaN, 1e9, -1])('of %p are not believed', async (calls) => {
    const id = await makeFunction('odd');
    await called(id, now - HOUR_MS);
    await expectCalls(id, calls);
    expect(await decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
  });

  test('that are too old, or of a clock that was ahead, count as none', async () => {
    const id = await makeFunction('odd');
    await called(id, now - HOUR_MS);
    await expectCalls(id, 600, now - 11 * MINUTE_MS);
    expect(await decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
    await expectCalls(id, 600, now + 5 * MINUTE_MS);
    expect(await decisionOf(id)).toMatchObject({ pool: 0, forecastMean: null });
  });

  test('of calls that take no time at all ask for one instance at the most', async () => {
    const id = await makeFunction('instant');
    await called(id, now - HOUR_MS, { executeMs: 0, totalMs: 0 });
    await expectCalls(id, 6_000);
    const decision = await decisionOf(id);
    expect(decision?.pool).toBeLessThanOrEqual(1);
  });
});

describe('memory', () => {
  test('is never promised twice: what saves least by byte is cut, and told once', async () => {
    const [often, rare] = [await makeFunction('often'), await makeFunction('rare')];
    for (let call = 0; call < 20; call++) await called(often, now - (call + 1) * 10_000);
    await called(rare, now - 9 * MINUTE_MS);
    service = newService({ memoryShare: 0.5 });
    const nodes = [
      { name: 'local', memoryBytes: 0.2 * GB },
      { name: 'full', memoryBytes: 0 },
    ];
    const first = await plan({ nodes });
    expect(first.decisions).toMatchObject([
      { function: 'often', granted: { local: 1, full: 0 }, capped: true },
      { function: 'rare', granted: { local: 0, full: 0 }, capped: true },
    ]);
    expect(first.decisions[1]?.reason).toContain('memory of local allows 0; memory of full allows 0');
    expect(first.newlyCapped).toHaveLength(2);
    expect((await plan({ nodes })).newlyCapped).toEqual([]);
  });
});

describe('a clock', () => {
  test('that was put back by an hour: nothing is held for calls that are yet to come', async () => {
    const id = await makeFunction('pay');
    await called(id, now - 1_000 * 60);
    expect(await decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
    now -= HOUR_MS;
    expect(await decisionOf(id)).toMatchObject({ steps: [{ after: 0, running: 0, frozen: 0 }] });
    await called(id, now + 1_000);
    expect(await minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });

  test('that goes back a little waits until it is as late again', async () => {
    const id = await makeFunction('pay');
    await called(id, now - 10_000);
    expect(await decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
    now -= 30_000;
    expect(await decisionOf(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });

  test('that was put on by a day: what was called before is no longer held', async () => {
    const id = await makeFunction('pay');
    await called(id, now - 10_000);
    await decisionOf(id);
    now += 24 * HOUR_MS;
    expect(await decisionOf(id)).toMatchObject({ steps: [{ after: 0, running: 0, frozen: 0 }] });
    await called(id, now + 1_000);
    expect(await minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
  });
});

test('another policy is tried beside the configured one, and a dry run leaves nothing behind', async () => {
  const id = await makeFunction('window', { warmWindows: [{ cron: '0 9 * * *', duration: '1m', instances: 1 }] });
  await called(id, now - HOUR_MS);
  expect(await plan({ policy: 'fixed:2h', dryRun: true })).toMatchObject({
    policy: 'fixed:2h',
    decisions: [{ floor: 1 }],
  });
  now += 5 * MINUTE_MS;
  expect(await decisionOf(id, { policy: 'fixed:2h' })).toMatchObject({ steps: [{ frozen: 1 }] });
  expect(await decisionOf(id)).toMatchObject({ steps: [{ frozen: 0 }] });
  await expect(plan({ policy: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_argument' });
});

test('only chosen functions are told of, but all count against the memory', async () => {
  const [mine, other] = [await makeFunction('mine'), await makeFunction('other')];
  for (const id of [mine, other]) await called(id, now - MINUTE_MS);
  const nodes = [{ name: 'local', memoryBytes: 0.1 * GB }];
  const chosen = await plan({ nodes, functions: ['mine'], tenant: 'acme' });
  const all = await plan({ nodes, dryRun: true });
  expect(chosen.decisions.map((row) => row.function)).toEqual(['mine']);
  expect(all.decisions.reduce((sum, { granted }) => sum + (granted['local'] ?? 0), 0)).toBe(1);
  expect(await plan({ tenant: 'nobody' })).toMatchObject({ decisions: [] });
});

test('a checkpoint makes a start cheap, and warmth too dear', async () => {
  service = newService({ policy: 'presage', prices: { ...DEFAULT_PRICES, waitSecond: 1_500 } });
  const id = await makeFunction('pay');
  const revision = await store.findRevision(id, 1);
  for (let call = 0; call < 30; call++) await called(id, now - (4 * call + 1) * MINUTE_MS);
  const cold = await decisionOf(id);
  expect(peakOf(cold ?? { steps: [] })).toBe(1);
  const checkpoint = { id: 'ck', tenant: 'acme', function: 'pay', revisionId: revision?.id ?? '', revision: 1 };
  await store.createCheckpoint({ ...checkpoint, node: 'local', hostKey: 'k' });
  await store.updateCheckpoint('ck', { state: 'ready' });
  const restorable = await minute(id);
  expect(peakOf(restorable ?? { steps: [] })).toBe(0);
});

test('a store that is away fails one decision, and the next takes in what was missed', async () => {
  const id = await makeFunction('pay');
  await decisionOf(id);
  const { callsBetween } = store;
  Object.assign(store, { callsBetween: () => Promise.reject(new Error('away')) });
  await called(id, now + 1_000);
  await expect(minute(id)).rejects.toThrow('away');
  Object.assign(store, { callsBetween });
  expect(await minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
});

test('the pasts are read ahead of the first decision', async () => {
  const id = await makeFunction('pay');
  await called(id, now - MINUTE_MS);
  service.start();
  expect(await plan()).toMatchObject({ waiting: 0, decisions: [{ functionId: id }] });
});

/** A budget of a dollar with the last decision about it. */
async function budget(steps: readonly DegradeStep[], spent: bigint, functions?: string[]): Promise<void> {
  const spec = budgetSpecSchema.parse({ limit: '1', ...(functions ? { functions } : {}) });
  const { budget: made } = await store.putBudget({ tenant: 'acme', name: 'all', spec, origin: 'api' });
  const at = new Date(now);
  await store.setBudgetState(
    {
      budgetId: made.id,
      generation: made.generation,
      periodStart: new Date(now - HOUR_MS),
      periodEnd: new Date(now + HOUR_MS),
      steps,
      plan: [],
      spent,
      spentByCritical: 0n,
      forecast: spent,
      decidedAt: at,
      changedAt: at,
    },
    { ifDecidedAt: null, events: [] },
  );
}
const DOLLAR = 10n ** 12n;

test('a budget that runs out holds nothing for a forecast, and shortens what is kept after use, but not what is declared', async () => {
  service = newService({ policy: 'presage' });
  const mean = Array.from({ length: 10 }, () => 120);
  const quantiles = Array.from({ length: 80 }, () => 120);
  const at = new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS);
  const forecast = (functionId: string) => store.writeForecasts([sampleForecast({ functionId, at, mean, quantiles })]);
  const [plain, critical] = [
    await makeFunction('plain', { scale: { min: 1, max: 9 } }),
    await makeFunction('critical', { critical: true, scale: { min: 1, max: 9 } }),
  ];
  for (const id of [plain, critical]) {
    await called(id, now - HOUR_MS, { executeMs: 1_000 });
    await forecast(id);
  }
  const before = await decisionOf(plain, { dryRun: true });
  expect(before?.pool).toBeGreaterThan(1);
  await budget(['drop-predictive-warmth', 'shorten-keep-alive'], DOLLAR / 2n);
  const { decisions } = await plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  expect(of(plain)).toMatchObject({ pool: 0, steps: [{ after: 0, running: 0, frozen: 1 }], floor: 1 });
  expect(Math.max(...(of(plain)?.keepAlive ?? []))).toBeLessThanOrEqual(60);
  expect(of(plain)?.reason).toContain('its budget pays for nothing that is only expected to be used');
  expect(of(critical)?.pool).toBe(before?.pool);
});

test('while a budget is spent nothing is held of what it refuses, not even what is declared', async () => {
  const [never, plain, critical] = [
    await makeFunction('never-called', { scale: { min: 1, max: 9 } }),
    await makeFunction('plain', { scale: { min: 2, max: 9 } }),
    await makeFunction('critical', { critical: true, scale: { min: 1, max: 9 } }),
  ];
  for (const id of [plain, critical]) await called(id, now - MINUTE_MS);
  await budget(['refuse'], DOLLAR);
  const { decisions } = await plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  for (const id of [never, plain]) {
    expect(of(id)).toMatchObject({ pool: 0, steps: [{ after: 0, running: 0, frozen: 0 }], keepAlive: [0] });
    expect(of(id)?.reason).toContain('its budget is spent');
  }
  // Its share is not spent.
  expect(of(critical)?.steps[0]?.frozen).toBeGreaterThanOrEqual(1);
});

test('what budgets leave is all that warmth may cost: what was declared is held, the rest is not', async () => {
  const rich = await makeFunction('rich', { scale: { min: 0, max: 5 } });
  const poor = await makeFunction('poor', { scale: { min: 1, max: 5 } });
  for (const id of [rich, poor]) {
    await called(id, now - MINUTE_MS - 50);
    await called(id, now - MINUTE_MS);
  }
  await budget([], DOLLAR, ['poor']);
  const { decisions } = await plan();
  const of = (id: string) => decisions.find((row) => row.functionId === id);
  expect(of(rich)).toMatchObject({ granted: { local: 2 }, capped: false });
  expect(of(poor)).toMatchObject({ granted: { local: 1 }, capped: true });
  expect(of(poor)?.reason).toContain('memory of local, or what its budget leaves, allows 1');
});
