import { Readable } from 'node:stream';
import { sampleForecast, sampleModel } from '../../drivers/store/forecast-contract';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness } from './api-harness';

const MINUTE_MS = 60_000;
const minute = (ago: number): Date => new Date((Math.floor(Date.now() / MINUTE_MS) - ago) * MINUTE_MS);

let api: Harness;
let functionId: string;
beforeEach(async () => {
  api = await makeHarness();
  functionId = await api.makeFunction('acme', 'pay');
});
afterEach(() => api.close());

const digest = async (text: string): Promise<string> =>
  (await api.images.put(Readable.from([Buffer.from(text)]))).digest;
const addModel = async (text: string, network: string | null = null): Promise<string> => {
  const id = await digest(text);
  await api.store.addForecastModel(sampleModel({ functionId, id, network }));
  return id;
};

test('the newest forecast with what explains it, and the minutes before', async () => {
  const id = await addModel('model');
  await api.store.writeForecasts([
    sampleForecast({ functionId, at: minute(1), modelId: null }),
    sampleForecast({ functionId, at: minute(0), modelId: id }),
  ]);
  await api.store.writeInvocations(packed([sampleInvocation({ tenant: 'acme', functionId, at: minute(2) })]));
  const { status, body } = await api.call('GET', '/v1/functions/pay/forecast', { query: { history: '5' } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    function: 'pay',
    at: minute(0).toISOString(),
    modelId: id,
    spoke: 'lag-60',
    mean: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    total: { mean: 45, point: 44, quantiles: { '0.05': 1, '0.99': 8 } },
    members: [{ name: 'lag-60', weight: 1, forecast: [1, 2] }],
    features: { hourOfDay: 12 },
    trainingWindow: { from: '2026-03-02T12:00:00.000Z', to: '2026-03-04T12:00:00.000Z' },
    errorBand: { expected: 0.25, limit: 0.475 },
    history: { from: minute(5).toISOString(), counts: [0, 0, 0, 1, 0] },
  });
  // Of the minute before there was a forecast when it began; its 90 % interval is from its lowest quantile to the seventh.
  const { expected } = body['history'] as unknown as { expected: unknown[] };
  expect(expected).toEqual([null, null, null, null, { mean: 0, low: 0, high: 30 }]);
  expect(body['quantiles']?.['0.1']).toEqual([5, 5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5]);
});

test('a function without a forecast says when it will have one', async () => {
  const answer = await api.call('GET', '/v1/functions/pay/forecast');
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', hint: expect.stringContaining('first request') as string } }); // prettier-ignore
  expect((await api.call('GET', '/v1/functions/nobody/forecast')).body).toMatchObject({ code: 'function_not_found' });
});

test('accuracy of stored forecasts against what came', async () => {
  await api.store.writeForecasts([
    sampleForecast({
      functionId,
      at: minute(20),
      median: new Array<number>(10).fill(1),
      total: [0, 10, 0, 0, 0, 0, 0, 0, 0, 0],
    }),
    // Its minutes have not all come.
    sampleForecast({ functionId, at: minute(5) }),
  ]);
  const at = Array.from({ length: 10 }, (_, i) => minute(20 - i));
  await api.store.writeInvocations(packed(at.flatMap((when) => [1, 2].map(() => sampleInvocation({ tenant: 'acme', functionId, at: when }))))); // prettier-ignore
  const { body } = await api.call('GET', '/v1/functions/pay/forecast/accuracy', { query: { window: '1h' } });
  expect(body).toMatchObject({ function: 'pay', forecasts: 1, requests: 20, wape: 0.5, wape10: 0.5, mape10: 0.5 });
  for (const window of ['soon', '5m', '8d']) {
    const refused = await api.call('GET', '/v1/functions/pay/forecast/accuracy', { query: { window } });
    expect([refused.status, refused.body['errors']?.[0]?.['path']]).toEqual([400, 'window']);
  }
});

test('rolls back to an earlier model, which is audited, and refuses what cannot be read', async () => {
  const [first, second] = [await addModel('one', await digest('network')), await addModel('two')];
  await api.store.deployForecastModel({ functionId, id: second, reason: 'trained' });
  const list = await api.call('GET', '/v1/functions/pay/forecast/models');
  expect(list.body['items']).toHaveLength(2);
  const deployed = await api.call('GET', '/v1/functions/pay/forecast/models', { query: { state: 'deployed' } });
  expect(deployed.body['items']).toMatchObject([{ id: second, window: { to: '2026-03-04T12:00:00.000Z' } }]);

  const url = (id: string) => `/v1/functions/pay/forecast/models/${id}/deploy`;
  const late = await api.call('POST', url(first), { payload: { ifDeployed: null } });
  expect(late).toMatchObject({ status: 412, body: { code: 'precondition_failed' } });
  const back = await api.call('POST', url(first));
  expect(back).toMatchObject({ status: 200, body: { id: first, state: 'deployed' } });
  const { items } = await api.store.audit({ tenant: 'acme' });
  expect(items[0]).toMatchObject({ action: 'deployForecastModel', outcome: 'allowed' });
  expect(items[0]?.before).not.toBe(items[0]?.after);

  api.images.blobs.set(second, Buffer.from('other bytes'));
  expect(await api.call('POST', url(second))).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('corrupt') as string },
  });
  expect((await api.call('POST', url(`sha256:${'9'.repeat(64)}`))).status).toBe(404);
  expect((await api.call('POST', url(first), { key: await api.makeKey('acme', ['read']) })).status).toBe(403);
});

test('starts a retraining of the caller’s own functions only', async () => {
  const answer = await api.call('POST', '/v1/forecast/retrain', { payload: { functions: ['pay'], force: true } });
  expect(answer).toMatchObject({ status: 202, body: { workflowId: 'retrain/acme' } });
  expect(api.workflows.retrains).toEqual([
    { tenant: 'acme', functions: ['pay'], force: true, reason: 'asked for by the API' },
  ]);
  expect((await api.call('POST', '/v1/forecast/retrain', { payload: { functions: ['nobody'] } })).status).toBe(404);
  api.workflows.away = true;
  expect((await api.call('POST', '/v1/forecast/retrain')).status).toBe(503);
});
