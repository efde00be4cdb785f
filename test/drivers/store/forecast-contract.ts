import type { ForecastModelRecord, LatestForecastRecord } from '../../../drivers/store/forecast-store';
import type { Store } from '../../../drivers/store/store';
import { manifestOf } from '../../gateway/api/api-harness';
import { parseManifest } from '../../../core/function/manifest';
import { newTenant } from './sample-records';

const MINUTE_MS = 60_000;
const NOON = Date.parse('2026-03-04T12:00:00.000Z');

/** A model as a training run would add it. */
export function sampleModel(change: Partial<ForecastModelRecord>): Omit<ForecastModelRecord, 'createdAt'> {
  return {
    id: `sha256:${'1'.repeat(64)}`,
    functionId: 'f',
    tenant: 'acme',
    function: 'pay',
    state: 'superseded',
    reason: 'trained',
    parent: null,
    network: null,
    windowFrom: new Date(NOON - 48 * 60 * MINUTE_MS),
    windowTo: new Date(NOON),
    dataDigest: 'sha256:data',
    features: ['hourOfDay'],
    members: ['lag-60', 'arima'],
    metrics: { wape: 0.25, mape10: null },
    workflowId: 'retrain',
    runId: 'run',
    ...change,
  };
}

/** A forecast of ten minutes. */
export function sampleForecast(change: Partial<LatestForecastRecord>): LatestForecastRecord {
  return {
    functionId: 'f',
    at: new Date(NOON),
    modelId: null,
    spoke: 'lag-60',
    mean: Array.from({ length: 10 }, (_, i) => i),
    median: Array.from({ length: 10 }, (_, i) => i / 2),
    quantiles: Array.from({ length: 80 }, (_, i) => i / 2),
    total: [45, 44, 1, 2, 3, 4, 5, 6, 7, 8],
    spike: Array.from({ length: 10 }, () => 0.5),
    alarms: Array.from({ length: 10 }, (_, i) => i === 3),
    members: [{ name: 'lag-60', weight: 1, forecast: [1, 2] }],
    features: { hourOfDay: 12 },
    hourWape: 0.25,
    ...change,
  };
}

/** Models, forecasts and the steps of training. */
export function describeForecasts(current: () => Store): void {
  let store: Store;
  let tenant: string;
  let functionId: string;
  let name: string;
  const id = (digit: string): string => `sha256:${digit.repeat(64)}`;
  beforeEach(async () => {
    store = current();
    tenant = await newTenant(store);
    name = 'pay';
    const made = await store.createRevision({
      tenant,
      manifest: parseManifest(manifestOf(name)),
      digest: 'd',
      codeDigest: 'c',
      codeKind: 'layer',
    });
    functionId = made.function.id;
  });
  const add = (change: Partial<ForecastModelRecord>) =>
    store.addForecastModel(sampleModel({ functionId, tenant, function: name, ...change }));

  describe('forecast models', () => {
    test('a model comes back as it was added, and adding it again changes nothing', async () => {
      await add({});
      await add({ reason: 'again' });
      expect(await store.findForecastModel(functionId, id('1'))).toEqual({
        ...sampleModel({ functionId, tenant, function: name }),
        createdAt: expect.any(Date) as Date,
      });
      expect(await store.findForecastModel('another', id('1'))).toBeNull();
    });

    test('one model of a function is deployed at a time, and any earlier one can be again', async () => {
      await add({ id: id('1') });
      await add({ id: id('2') });
      await store.deployForecastModel({ functionId, id: id('1'), reason: 'first', ifDeployed: null });
      await store.deployForecastModel({ functionId, id: id('2'), reason: 'better', ifDeployed: id('1') });
      const late = store.deployForecastModel({ functionId, id: id('1'), reason: 'late', ifDeployed: null });
      await expect(late).rejects.toMatchObject({ code: 'precondition_failed' });
      expect(await store.findForecastModel(functionId, id('1'))).toMatchObject({
        state: 'superseded',
        reason: 'another took its place: better',
      });
      await store.deployForecastModel({ functionId, id: id('1'), reason: 'rolled back' });
      const rows = await store.forecastModels({ functionId, states: ['deployed'] });
      expect(rows.items.map((row) => row.id)).toEqual([id('1')]);
      const unknown = store.deployForecastModel({ functionId, id: id('9'), reason: 'none' });
      await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
    });

    test('of two who deploy after the same model one is told', async () => {
      for (const digit of ['1', '2', '3']) await add({ id: id(digit) });
      await store.deployForecastModel({ functionId, id: id('1'), reason: 'first' });
      const both = await Promise.allSettled(
        ['2', '3'].map((digit) =>
          store.deployForecastModel({ functionId, id: id(digit), reason: 'race', ifDeployed: id('1') }),
        ),
      );
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    test('a corrupt one is out of service', async () => {
      await add({ id: id('1') });
      await store.deployForecastModel({ functionId, id: id('1'), reason: 'first' });
      await store.markForecastModel(functionId, id('1'), 'corrupt', 'its digest is another');
      const deployed = await store.currentForecastModels('deployed');
      expect(deployed.some((row) => row.functionId === functionId)).toBe(false);
      const newest = await store.currentForecastModels('newest');
      expect(newest.find((row) => row.functionId === functionId)).toMatchObject({ state: 'corrupt' });
      expect((await store.forecastModelCounts()).corrupt).toBeGreaterThan(0);
    });

    test('lists newest first, page by page', async () => {
      for (const digit of ['1', '2', '3']) await add({ id: id(digit) });
      const first = await store.forecastModels({ functionId, limit: 2 });
      const second = await store.forecastModels({ functionId, limit: 2, cursor: first.next });
      expect([...first.items, ...second.items].map((row) => row.id).sort()).toEqual([id('1'), id('2'), id('3')]);
      expect(second.next).toBeNull();
    });

    test('what nothing needs: neither deployed nor the network of one that is', async () => {
      const network = `sha256:${functionId.replaceAll('-', '').padEnd(64, '0')}`;
      await store.addForecastModel(sampleModel({ id: network, functionId: null, tenant: null, function: null }));
      await add({ id: id('1'), network });
      await add({ id: id('2') });
      await store.deployForecastModel({ functionId, id: id('1'), reason: 'first' });
      const soon = new Date(Date.now() + 60 * MINUTE_MS);
      const unneeded = async () => (await store.unneededForecastModels(soon, 1000)).map((row) => row.id);
      expect(await unneeded()).not.toContain(network);
      expect((await store.unneededForecastModels(soon, 1000)).some((row) => row.functionId === functionId && row.id === id('1'))).toBe(false); // prettier-ignore
      expect(await unneeded()).toContain(id('2'));
      await store.deployForecastModel({ functionId, id: id('2'), reason: 'second' });
      expect(await unneeded()).toContain(network);
      expect(await store.deleteForecastModel(null, network)).toBe(true);
      await store.deleteFunction(tenant, name);
      const left = await store.unneededForecastModels(new Date(0), 1000);
      expect(left.filter((row) => row.functionId === functionId)).toHaveLength(2);
    });
  });

  describe('forecasts', () => {
    test('come back as they were written; the first of a minute counts, the newest minute is the latest', async () => {
      const first = sampleForecast({ functionId });
      const later = sampleForecast({ functionId, at: new Date(NOON + MINUTE_MS), modelId: id('1'), hourWape: null });
      expect(await store.writeForecasts([first])).toEqual([functionId]);
      expect(await store.writeForecasts([sampleForecast({ functionId, spoke: 'another' })])).toEqual([]);
      expect(await store.writeForecasts([later])).toEqual([functionId]);
      expect(await store.writeForecasts([])).toEqual([]);
      expect(await store.latestForecast(functionId)).toEqual(later);
      expect(await store.latestForecast('another')).toBeNull();
      const stored = await store.forecasts({ functionId, from: new Date(NOON), to: new Date(NOON + MINUTE_MS) });
      expect(stored.map((row) => ({ ...first, ...row }))).toEqual([first]);
      expect(stored[0]).not.toHaveProperty('members');
      const all = await store.forecasts({ from: new Date(NOON), to: new Date(NOON + 2 * MINUTE_MS) });
      expect(all.filter((row) => row.functionId === functionId)).toHaveLength(2);
    });

    test('of the next two minutes the larger, where a request is possible at all', async () => {
      const at = new Date(NOON + 40 * MINUTE_MS);
      const rising = sampleForecast({ functionId, at });
      const quiet = sampleForecast({
        functionId,
        at: new Date(NOON + 41 * MINUTE_MS),
        quantiles: rising.quantiles.map(() => 0),
      });
      await store.writeForecasts([rising]);
      await store.writeForecasts([quiet]);
      const query = { from: at, to: new Date(NOON + 60 * MINUTE_MS), functionIds: [functionId, 'another'] };
      const near = (level: number): number => Math.max(...rising.quantiles.slice(level * 10, level * 10 + 2));
      expect(await store.nearForecasts(query)).toEqual([
        {
          functionId,
          at,
          mean: Math.max(...rising.mean.slice(0, 2)),
          quantiles: Array.from({ length: 8 }, (_, i) => near(i)),
        },
      ]);
      expect(await store.nearForecasts({ ...query, functionIds: ['another'] })).toEqual([]);
    });

    test('errors of the last hour, by function', async () => {
      await store.writeForecasts([
        sampleForecast({ functionId, hourWape: 0.5, total: [1e9, 0, 0, 0, 0, 0, 0, 0, 0, 0] }),
      ]);
      expect(await store.latestWapes(1)).toEqual([{ tenant, function: name, wape: 0.5, expected: 1e9 }]);
    });
  });

  describe('steps of training', () => {
    test('a step that is noted again gives what it gave first, and says that it was computed twice', async () => {
      const run = `run-${functionId}`;
      expect(await store.trainingStep(run, 'fit/0')).toBeNull();
      expect(await store.noteTrainingStep({ run, step: 'fit/0', artefact: id('1') })).toBe(id('1'));
      expect(await store.noteTrainingStep({ run, step: 'fit/0', artefact: id('2') })).toBe(id('1'));
      await store.noteTrainingStep({ run, step: 'fit/1', artefact: id('3') });
      expect(await store.trainingStep(run, 'fit/0')).toBe(id('1'));
      expect(await store.trainingSteps(run)).toEqual([
        { step: 'fit/0', artefact: id('1'), computed: 2 },
        { step: 'fit/1', artefact: id('3'), computed: 1 },
      ]);
      expect(await store.oldTrainingRuns(new Date(Date.now() + MINUTE_MS))).toContain(run);
      expect(await store.oldTrainingRuns(new Date(0))).not.toContain(run);
      await store.forgetTrainingRun(run);
      expect(await store.trainingSteps(run)).toEqual([]);
    });

    test('figures grow', async () => {
      const before = await store.forecastFigures();
      await store.addForecastFigures({ forecasts: 2, forecastSeconds: 0.5 });
      await store.addForecastFigures({ forecasts: 1 });
      await store.addForecastFigures({});
      const after = await store.forecastFigures();
      expect(after.forecasts - before.forecasts).toBe(3);
      expect(after.forecastSeconds - before.forecastSeconds).toBeCloseTo(0.5);
    });
  });
}
