import { peakOf } from '../../../../core/warming/grant-targets';
import { DEFAULT_PRICES } from '../../../../core/warming/prices';
import { GB, HOUR_MS, MINUTE_MS, WarmingBed } from './warming-bed';

let bed: WarmingBed;
beforeEach(() => (bed = new WarmingBed()));
afterEach(() => bed.stop());

test('what was called of late is held, for what is left of its time', async () => {
  const id = await bed.makeFunction('pay');
  await bed.called(id, bed.now - 2 * MINUTE_MS);
  const decision = await bed.decisionOf(id);
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
  bed.now += 7 * MINUTE_MS;
  expect((await bed.decisionOf(id))?.steps).toEqual([
    { after: 0, running: 0, frozen: 1 },
    { after: 61, running: 0, frozen: 0 },
  ]);
});

test('each minute takes in the calls that ended in it; a function that is new is found', async () => {
  const first = await bed.makeFunction('first');
  expect(await bed.decisionOf(first)).toBeUndefined();
  await bed.called(first, bed.now + 1_000);
  await bed.called(first, bed.now + 1_050);
  expect(await bed.minute(first)).toMatchObject({ steps: [{ frozen: 2 }] });
  const second = await bed.makeFunction('second');
  await bed.called(second, bed.now + 1_000);
  expect(await bed.minute(second)).toMatchObject({ steps: [{ frozen: 1 }] });
});

test('a service that begins anew goes on from what is recorded: counts of weeks, calls of the last hours', async () => {
  const id = await bed.makeFunction('timer');
  const minutes = Float64Array.from({ length: 3 * 24 * 60 }, (_, at) => (at % 60 === 59 ? 1 : 0));
  const end = Math.floor(bed.now / MINUTE_MS) * MINUTE_MS;
  const first = new Date(end - minutes.length * MINUTE_MS);
  await bed.store.importHistory({
    tenant: 'acme',
    source: 'x',
    series: [{ functionId: id, first, counts: Int32Array.from(minutes) }],
  });
  await bed.renew({ policy: 'presage', prices: { ...DEFAULT_PRICES, waitSecond: 50_000 } });
  // Hours pass in which the timer is not held, but shortly before it is due it is.
  const held: boolean[] = [];
  for (let step = 0; step < 59; step++) {
    const decision = await bed.minute(id);
    held.push(peakOf(decision ?? { steps: [] }) > 0);
  }
  expect(held.slice(10, 45).filter(Boolean)).toEqual([]);
  expect(held.slice(54)).toContain(true);
});

test('a policy that only ranks starts nothing: what rests stays until memory is short', async () => {
  await bed.renew({ policy: 'greedy-dual' });
  const id = await bed.makeFunction('pay', { scale: { min: 1, max: 5 } });
  for (const ago of [1_000, 1_050, 1_090]) await bed.called(id, bed.now - MINUTE_MS - ago);
  expect(await bed.decisionOf(id)).toMatchObject({
    steps: [{ after: 0, running: 0, frozen: 1 }],
    keepAlive: [7 * 86_400],
  });
});

test('declared floors and warm windows are held whatever the policy says', async () => {
  await bed.renew({ policy: 'none' });
  const min = await bed.makeFunction('min', { scale: { min: 2, max: 5 } });
  const window = await bed.makeFunction('window', {
    warmWindows: [{ cron: '1 9 * * *', duration: '5m', instances: 3 }],
  });
  expect(await bed.decisionOf(min)).toMatchObject({ floor: 2, steps: [{ after: 0, frozen: 2 }] });
  expect(await bed.decisionOf(window)).toMatchObject({ floor: 3, steps: [{ after: 0, frozen: 3 }] });
  bed.now += 6 * MINUTE_MS;
  // That it is over is said once.
  expect(await bed.decisionOf(window)).toMatchObject({ floor: 0, steps: [{ after: 0, frozen: 0 }] });
  expect(await bed.decisionOf(window)).toBeUndefined();
});

describe('memory', () => {
  test('is never promised twice: what saves least by byte is cut, and told once', async () => {
    const [often, rare] = [await bed.makeFunction('often'), await bed.makeFunction('rare')];
    for (let call = 0; call < 20; call++) await bed.called(often, bed.now - (call + 1) * 10_000);
    await bed.called(rare, bed.now - 9 * MINUTE_MS);
    await bed.renew({ memoryShare: 0.5 });
    const nodes = [
      { name: 'local', memoryBytes: 0.2 * GB },
      { name: 'full', memoryBytes: 0 },
    ];
    const first = await bed.plan({ nodes });
    expect(first.decisions).toMatchObject([
      { function: 'often', granted: { local: 1, full: 0 }, capped: true },
      { function: 'rare', granted: { local: 0, full: 0 }, capped: true },
    ]);
    expect(first.decisions[1]?.reason).toContain('memory of local allows 0; memory of full allows 0');
    expect(first.newlyCapped).toHaveLength(2);
    expect((await bed.plan({ nodes })).newlyCapped).toEqual([]);
  });
});

test('another policy is tried beside the configured one, and a dry run leaves nothing behind', async () => {
  const id = await bed.makeFunction('window', { warmWindows: [{ cron: '0 9 * * *', duration: '1m', instances: 1 }] });
  await bed.called(id, bed.now - HOUR_MS);
  expect(await bed.plan({ policy: 'fixed:2h', dryRun: true })).toMatchObject({
    policy: 'fixed:2h',
    decisions: [{ floor: 1 }],
  });
  bed.now += 5 * MINUTE_MS;
  expect(await bed.decisionOf(id, { policy: 'fixed:2h' })).toMatchObject({ steps: [{ frozen: 1 }] });
  expect(await bed.decisionOf(id)).toMatchObject({ steps: [{ frozen: 0 }] });
  await expect(bed.plan({ policy: 'nonsense' })).rejects.toMatchObject({ code: 'invalid_argument' });
});

test('only chosen functions are told of, but all count against the memory', async () => {
  const [mine, other] = [await bed.makeFunction('mine'), await bed.makeFunction('other')];
  for (const id of [mine, other]) await bed.called(id, bed.now - MINUTE_MS);
  const nodes = [{ name: 'local', memoryBytes: 0.1 * GB }];
  const chosen = await bed.plan({ nodes, functions: ['mine'], tenant: 'acme' });
  const all = await bed.plan({ nodes, dryRun: true });
  expect(chosen.decisions.map((row) => row.function)).toEqual(['mine']);
  expect(all.decisions.reduce((sum, { granted }) => sum + (granted['local'] ?? 0), 0)).toBe(1);
  expect(await bed.plan({ tenant: 'nobody' })).toMatchObject({ decisions: [] });
});

test('a checkpoint makes a start cheap, and warmth too dear', async () => {
  await bed.renew({ policy: 'presage', prices: { ...DEFAULT_PRICES, waitSecond: 1_500 } });
  const id = await bed.makeFunction('pay');
  const revision = await bed.store.findRevision(id, 1);
  for (let call = 0; call < 30; call++) await bed.called(id, bed.now - (4 * call + 1) * MINUTE_MS);
  const cold = await bed.decisionOf(id);
  expect(peakOf(cold ?? { steps: [] })).toBe(1);
  const checkpoint = { id: 'ck', tenant: 'acme', function: 'pay', revisionId: revision?.id ?? '', revision: 1 };
  await bed.store.createCheckpoint({ ...checkpoint, node: 'local', hostKey: 'k' });
  await bed.store.updateCheckpoint('ck', { state: 'ready' });
  const restorable = await bed.minute(id);
  expect(peakOf(restorable ?? { steps: [] })).toBe(0);
});

test('a store that is away fails one decision, and the next takes in what was missed', async () => {
  const id = await bed.makeFunction('pay');
  await bed.decisionOf(id);
  const { callsBetween } = bed.store;
  Object.assign(bed.store, { callsBetween: () => Promise.reject(new Error('away')) });
  await bed.called(id, bed.now + 1_000);
  await expect(bed.minute(id)).rejects.toThrow('away');
  Object.assign(bed.store, { callsBetween });
  expect(await bed.minute(id)).toMatchObject({ steps: [{ frozen: 1 }] });
});

test('the pasts are read ahead of the first decision', async () => {
  const id = await bed.makeFunction('pay');
  await bed.called(id, bed.now - MINUTE_MS);
  bed.service.start();
  expect(await bed.plan()).toMatchObject({ waiting: 0, decisions: [{ functionId: id }] });
});
