import type { Activities } from '../../activities/activities';
import type { ActivityDependencies } from '../../activities/dependencies';
import { forecastDataActivities } from '../../activities/forecast-data-activities';
import { judgingActivities } from '../../activities/judging-activities';
import { retrainingEndActivities } from '../../activities/retraining-end-activities';
import { trainingActivities } from '../../activities/training-activities';
import { parseManifest } from '../../core/function/manifest';
import { ThreadTrainer } from '../../drivers/trainer/thread/thread-trainer';
import { createMemoryStore } from '../fakes/memory-store';
import { manifestOf } from '../gateway/api/api-harness';
import { FakeImages } from '../gateway/api/fake-ports';
import { pastOf, type Kind } from './sample-past';

const NOON = new Date('2026-03-08T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY = 1_440;

let now: Date;
let store: ReturnType<typeof createMemoryStore>;
let images: FakeImages;
let trainer: ThreadTrainer;
let activities: Pick<
  Activities,
  | 'collectHistories'
  | 'fitShard'
  | 'trainNetwork'
  | 'finishNetwork'
  | 'listNetwork'
  | 'judgeShard'
  | 'endRetraining'
  | 'forgetModels'
>;
beforeEach(() => {
  now = NOON;
  store = createMemoryStore(() => now);
  images = new FakeImages();
  trainer = new ThreadTrainer();
  const dependencies = {
    store,
    images,
    trainer,
    // Least squares alone: the package has a test of its own.
    arima: {
      fit: (series: readonly Float64Array[]) => Promise.resolve(series.map(() => null)),
      close: async () => undefined,
    },
    now: () => now.getTime(),
    retention: { forecastModelDays: 30 },
  } as unknown as ActivityDependencies;
  activities = {
    ...forecastDataActivities(dependencies),
    ...trainingActivities(dependencies),
    ...judgingActivities(dependencies),
    ...retrainingEndActivities(dependencies),
  };
});
afterEach(() => trainer.close());

/** A function with a past of so many minutes. */
async function makeFunction(name: string, kind: Kind, minutes: number): Promise<string> {
  await store.ensureTenant('acme');
  const made = await store.createRevision({
    tenant: 'acme',
    manifest: parseManifest(manifestOf(name)),
    digest: name,
    codeDigest: 'c',
    codeKind: 'layer',
  });
  await store.setAlias(made.function.id, 'live', [{ revision: made.revision.number, weight: 100 }]);
  await importPast(made.function.id, kind, minutes);
  return made.function.id;
}

async function importPast(functionId: string, kind: Kind, minutes: number): Promise<void> {
  const series = [{ functionId, ...pastOf(kind, minutes, now) }];
  await store.importHistory({ tenant: 'acme', source: 'test', series });
}

const everything = { force: false, days: 14, sample: true };

/** What the workflow does, one step after the other. */
async function retrain(run: string, input: Partial<typeof everything> = {}) {
  const collected = await activities.collectHistories({ run, ...everything, ...input });
  if (collected.shards.every(({ changed }) => changed === 0)) return { collected, judged: [], network: null };
  const sample = await Promise.all(
    collected.shards.map(({ dataset }, shard) => activities.fitShard({ run, shard, dataset })),
  );
  let state: string | null = null;
  for (let epoch = 0; epoch < collected.epochs; epoch++) {
    ({ state } = await activities.trainNetwork({ run, epoch, sample, state }));
  }
  if (state === null) throw new Error('no pass was made');
  const { network } = await activities.finishNetwork({ run, sample, state });
  const rest = { run, workflowId: 'retrain', network };
  await activities.listNetwork({ ...rest, sample, parent: collected.deployedNetwork });
  const judged = [];
  const { force } = { ...everything, ...input };
  for (const shard of sample) judged.push(await activities.judgeShard({ ...rest, ...shard, force }));
  const deployed = judged.reduce((sum, each) => sum + each.deployed, 0);
  await activities.endRetraining({ ...rest, tenant: null, trained: 3, deployed, failedShards: 0, seconds: 1 });
  return { collected, judged, network };
}

test('functions with a day of past get models of their own and the network is deployed with them', async () => {
  const daily = await makeFunction('daily', 'daily', 3 * DAY);
  const timer = await makeFunction('timer', 'timer', 2 * DAY);
  await makeFunction('young', 'timer', DAY / 2);
  const { collected, judged, network } = await retrain('run-1');
  expect(collected).toMatchObject({ young: 1, idle: 0, unchanged: 0, shards: [{ changed: 2 }] });
  expect(judged).toEqual([{ deployed: 2, kept: 0 }]);
  for (const functionId of [daily, timer]) {
    const { items } = await store.forecastModels({ functionId, states: ['deployed'] });
    expect(items).toMatchObject([{ network, runId: 'run-1', parent: null }]);
    expect(images.blobs.has(items[0]?.id ?? '')).toBe(true);
  }
  expect((await store.forecastModels({ functionId: null })).items).toMatchObject([{ id: network, state: 'deployed' }]);
  const { items: events } = await store.events({ tenant: null, types: ['forecast.retrained'] });
  expect(events).toMatchObject([{ data: { deployed: 2, networkDeployed: true } }]);
});

test('each step is computed once, whatever is tried again, and gives the same', async () => {
  await makeFunction('daily', 'daily', 2 * DAY);
  const first = await retrain('run-1');
  now = new Date(NOON.getTime() + HOUR_MS);
  expect(await retrain('run-1')).toEqual(first);
  for (const { step, computed } of await store.trainingSteps('run-1')) expect([step, computed]).toEqual([step, 1]);
});

test('a step that is tried again while it is computed still is computed once', async () => {
  await makeFunction('daily', 'daily', 2 * DAY);
  const { shards } = await activities.collectHistories({ run: 'run-1', ...everything });
  const sample = [await activities.fitShard({ run: 'run-1', shard: 0, dataset: shards[0]?.dataset ?? '' })];
  const step = { run: 'run-1', epoch: 0, sample, state: null };
  const [first, second] = await Promise.all([activities.trainNetwork(step), activities.trainNetwork(step)]);
  expect(second).toEqual(first);
  expect((await store.trainingSteps('run-1')).every(({ computed }) => computed === 1)).toBe(true);
});

test('a pass that goes on from a stored state gives what an unbroken training gives', async () => {
  await makeFunction('daily', 'daily', 2 * DAY);
  const { network } = await retrain('run-1');
  // Another process, which has to make its windows anew before each pass.
  const collected = await activities.collectHistories({ run: 'run-2', ...everything, force: true });
  const sample = [await activities.fitShard({ run: 'run-2', shard: 0, dataset: collected.shards[0]?.dataset ?? '' })];
  let state: string | null = null;
  for (let epoch = 0; epoch < collected.epochs; epoch++) {
    const other = new ThreadTrainer();
    const dependencies = { store, images, trainer: other } as unknown as ActivityDependencies;
    ({ state } = await trainingActivities(dependencies).trainNetwork({ run: 'run-2', epoch, sample, state }));
    await other.close();
  }
  expect((await activities.finishNetwork({ run: 'run-2', sample, state: state ?? '' })).network).toBe(network);
});

test('what has nothing new is left alone, unless it is forced', async () => {
  const timer = await makeFunction('timer', 'timer', 2 * DAY);
  await retrain('run-1');
  now = new Date(NOON.getTime() + HOUR_MS);
  expect((await retrain('run-2')).collected).toMatchObject({ unchanged: 1, shards: [{ changed: 0 }] });
  expect((await activities.collectHistories({ run: 'run-3', ...everything, sample: false })).shards).toEqual([]);
  expect((await activities.collectHistories({ run: 'run-4', ...everything, force: true })).shards).toMatchObject([{ changed: 1 }]); // prettier-ignore
  await importPast(timer, 'timer', 2 * DAY);
  expect((await activities.collectHistories({ run: 'run-5', ...everything })).shards).toMatchObject([{ changed: 1 }]);
});

test('a model that does not pass is kept with its reason, and the one before goes on', async () => {
  const id = await makeFunction('daily', 'daily', 3 * DAY);
  await retrain('run-1');
  // The last day is nothing like the days before.
  now = new Date(NOON.getTime() + 24 * HOUR_MS);
  await importPast(id, 'wild', DAY);
  const { judged } = await retrain('run-2');
  expect(judged).toEqual([{ deployed: 0, kept: 1 }]);
  const { items } = await store.forecastModels({ functionId: id });
  expect(items.map(({ state, runId }) => [runId, state])).toEqual([
    ['run-2', 'rejected'],
    ['run-1', 'deployed'],
  ]);
  expect(items[0]?.reason).toMatch(/not below 20 %/);
  expect((await store.forecastModels({ functionId: null })).items[0]).toMatchObject({ state: 'rejected' });
});

test('a forced run on the same past, whose models are those in use, leaves them in use with their network', async () => {
  const id = await makeFunction('daily', 'daily', 3 * DAY);
  const { network } = await retrain('run-1');
  const again = await retrain('run-2', { force: true });
  expect(again).toMatchObject({ network, judged: [{ deployed: 0, kept: 1 }] });
  expect((await store.forecastModels({ functionId: id })).items).toMatchObject([{ runId: 'run-1', state: 'deployed' }]);
  expect((await store.forecastModels({ functionId: null })).items).toMatchObject([{ id: network, state: 'deployed' }]);
});

test('names all functions that are not there', async () => {
  await makeFunction('daily', 'daily', DAY);
  const input = { run: 'run-1', ...everything, tenant: 'acme', functions: ['daily', 'no', 'nor'] };
  await expect(activities.collectHistories(input)).rejects.toThrow('The tenant acme has no function no, nor');
});

test('what is past retention goes, with its artefacts', async () => {
  const id = await makeFunction('daily', 'daily', 2 * DAY);
  await retrain('run-1');
  const { items } = await store.forecastModels({ functionId: id });
  now = new Date(NOON.getTime() + 7 * HOUR_MS);
  expect(await activities.forgetModels()).toEqual({ models: 0, runs: 1 });
  expect(await store.trainingSteps('run-1')).toEqual([]);
  const network = (await store.forecastModels({ functionId: null })).items[0]?.id;
  expect([...images.blobs.keys()].sort()).toEqual([items[0]?.id, network].sort());
  await store.deleteFunction('acme', 'daily');
  expect(await activities.forgetModels()).toEqual({ models: 1, runs: 0 });
  expect([...images.blobs.keys()]).toEqual([network]);
});
