import { Readable } from 'node:stream';
import pino from 'pino';
import { encodeFunctionModel } from '../../../core/forecast/function-model';
import { parseManifest } from '../../../core/function/manifest';
import { ForecastService } from '../../../workers/control/forecast/forecast-service';
import { pastOf } from '../../activities/sample-past';
import { sampleModel } from '../../drivers/store/forecast-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { createMemoryStore, type MemoryStore } from '../../fakes/memory-store';
import { manifestOf } from '../../gateway/api/api-harness';
import { FakeImages } from '../../gateway/api/fake-ports';

const MINUTE_MS = 60_000;
const DAY = 1_440;

let now: Date;
let store: MemoryStore;
let images: FakeImages;
let service: ForecastService;
let retrained: string[];
const log = pino({ level: 'silent' });
beforeEach(() => {
  // Of today: what is imported is noted with the clock's own time.
  now = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  store = createMemoryStore(() => now);
  images = new FakeImages();
  retrained = [];
  service = newService();
});

afterEach(() => service.stop());

function newService(): ForecastService {
  return new ForecastService({
    store,
    images,
    log,
    now: () => now,
    retrain: async (tenant, name) => void retrained.push(`${tenant}/${name}`),
  });
}

async function makeFunction(name: string): Promise<string> {
  await store.ensureTenant('acme');
  const manifest = parseManifest(manifestOf(name));
  const made = await store.createRevision({
    tenant: 'acme',
    manifest,
    digest: name,
    codeDigest: 'c',
    codeKind: 'layer',
  });
  return made.function.id;
}
async function importTimer(functionId: string, minutes: number): Promise<void> {
  await store.importHistory({
    tenant: 'acme',
    source: 'x',
    series: [{ functionId, ...pastOf('timer', minutes, now) }],
  });
}
/** The next minute, with so many requests in the one that ends. */
async function minute(requests: Readonly<Record<string, number>> = {}): Promise<void> {
  for (const [functionId, count] of Object.entries(requests)) {
    const call = () => sampleInvocation({ tenant: 'acme', functionId, at: now });
    await store.writeInvocations(packed(Array.from({ length: count }, call)));
  }
  now = new Date(now.getTime() + MINUTE_MS);
  await service.minute();
}
const addModel = async (
  functionId: string,
  arima = 1,
  metrics: Record<string, number> = { wape: 0.1 },
): Promise<string> => {
  const ar = { p: 1, d: 0, coefficients: [0], constant: arima, largest: 10, sigma: 1 };
  const bytes = encodeFunctionModel({ arima: ar, network: null, window: { from: 0, to: 1 } });
  const { digest: id } = await images.put(Readable.from([Buffer.from(bytes)]));
  await store.addForecastModel(sampleModel({ functionId, id, tenant: 'acme', function: 'timer', metrics }));
  return id;
};

test('functions with a past are forecast from the first minute, others from their first request or import', async () => {
  const [timer, idle, late] = [await makeFunction('timer'), await makeFunction('idle'), await makeFunction('late')];
  await importTimer(timer, 2 * DAY);
  await service.minute();
  const first = await store.latestForecast(timer);
  expect(first).toMatchObject({ at: now, modelId: null });
  // A timer of five minutes brings three requests twice in ten minutes.
  expect(first?.total[1]).toBeCloseTo(6, 0);
  expect(await store.latestForecast(idle)).toBeNull();
  await importTimer(late, DAY);
  await minute({ [idle]: 2 });
  expect(await store.latestForecast(idle)).toMatchObject({ at: now });
  expect(await store.latestForecast(late)).toMatchObject({ at: now });
  expect(service.size).toBe(3);
  expect((await store.forecastFigures()).forecasts).toBe(4);
});

test('the same minute is forecast once, and missed minutes are taken in', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  await service.minute();
  await service.minute();
  now = new Date(now.getTime() + 7 * MINUTE_MS);
  await service.minute();
  const made = await store.forecasts({ functionId: timer, from: new Date(0), to: new Date(now.getTime() + 1) });
  expect(made.map(({ at }) => (now.getTime() - at.getTime()) / MINUTE_MS)).toEqual([7, 0]);
});

test('a model that is deployed is taken up in the next minute, and a deleted function is let go', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  await service.start();
  await service.minute();
  const id = await addModel(timer);
  await store.deployForecastModel({ functionId: timer, id, reason: 'trained' });
  await minute();
  expect(await store.latestForecast(timer)).toMatchObject({ modelId: id });
  await store.deleteFunction('acme', 'timer');
  // Notices come a moment later.
  await new Promise((resolve) => setTimeout(resolve, 10));
  await minute();
  expect(service.size).toBe(0);
});

test('a corrupt model is refused, told of, and the one before it is used', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  const [good, bad] = [await addModel(timer, 1), await addModel(timer, 2)];
  for (const id of [good, bad]) await store.deployForecastModel({ functionId: timer, id, reason: 'trained' });
  const blob = images.blobs.get(bad) as Buffer;
  images.blobs.set(bad, Buffer.concat([blob.subarray(0, 10), Buffer.from('X'), blob.subarray(11)]));
  await service.minute();
  expect(await store.latestForecast(timer)).toMatchObject({ modelId: good });
  expect(await store.findForecastModel(timer, bad)).toMatchObject({ state: 'corrupt' });
  expect(await store.findForecastModel(timer, good)).toMatchObject({ state: 'deployed' });
  const { items } = await store.events({ tenant: 'acme', types: ['forecast.corrupt'] });
  expect(items).toMatchObject([{ function: 'timer', data: { model: bad, reason: expect.stringContaining('corrupt') as string } }]); // prettier-ignore
  expect((await store.forecastFigures()).corruptModels).toBe(1);
});

test('bytes that are no model, or are missing, leave the function with the members that need none', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  const { digest: id } = await images.put(Readable.from([Buffer.from('{"format":"another"}')]));
  await store.addForecastModel(sampleModel({ functionId: timer, id, tenant: 'acme' }));
  await store.deployForecastModel({ functionId: timer, id, reason: 'trained' });
  await service.minute();
  expect(await store.latestForecast(timer)).toMatchObject({ modelId: null });
  expect(await store.findForecastModel(timer, id)).toMatchObject({ state: 'corrupt' });
});

test('an hour above the band starts one training, and no other for six hours', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  const id = await addModel(timer, 1, { wape: 0.01 });
  now = new Date(now.getTime() + 7 * 60 * MINUTE_MS);
  await store.deployForecastModel({ functionId: timer, id, reason: 'trained' });
  // Another rhythm than the model has ever seen: all at once, at times without a rule.
  let seed = 7;
  for (let i = 0; i < 200; i++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    await minute({ [timer]: seed % 7 === 0 ? 30 : 0 });
  }
  expect(retrained).toContain('acme/timer');
  const before = retrained.length;
  await addModel(timer, 3);
  for (let i = 0; i < 70; i++) await minute({ [timer]: i % 7 === 0 ? 40 : 0 });
  expect(retrained).toHaveLength(before);
  const { items } = await store.events({ tenant: 'acme', types: ['forecast.drift'] });
  expect(items[0]).toMatchObject({ function: 'timer', data: { model: id } });
});

test('a service that begins anew goes on: the last hour’s error is known at once', async () => {
  const timer = await makeFunction('timer');
  await importTimer(timer, DAY);
  for (let i = 0; i < 75; i++) await minute({ [timer]: i % 5 === 0 ? 3 : 0 });
  const before = await store.latestForecast(timer);
  expect(before?.hourWape).not.toBeNull();
  service = newService();
  await minute();
  expect((await store.latestForecast(timer))?.hourWape).toBeCloseTo(before?.hourWape ?? -1, 1);
});
