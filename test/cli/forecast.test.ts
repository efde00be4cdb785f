import { Readable } from 'node:stream';
import { sampleForecast, sampleModel } from '../drivers/store/forecast-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
let functionId: string;
beforeEach(async () => {
  api = await makeHarness();
  functionId = await api.makeFunction('default', 'pay');
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });
const now = () => new Date(Math.floor(Date.now() / 60_000) * 60_000);
const addModel = async (text: string): Promise<string> => {
  const { digest: id } = await api.images.put(Readable.from([Buffer.from(text)]));
  await api.store.addForecastModel(sampleModel({ functionId, id }));
  return id;
};

test('shows the forecast with what explains it, as text, chart and JSON', async () => {
  const id = await addModel('one');
  await api.store.writeForecasts([sampleForecast({ functionId, at: now(), modelId: id })]);
  const { status, stdout } = await run('forecast', 'pay');
  expect(status).toBe(0);
  expect(stdout).toMatch(/MINUTE +EXPECTED/);
  expect(stdout).toMatch(new RegExp(`Model +${id.slice(7, 19)}`));
  expect(stdout).toMatch(/Error on its holdout +25.0 %; drift above 47.5 %/);
  expect(stdout).toMatch(/Members +lag-60 100.0 %/);
  expect((await run('forecast', 'pay', '--plot')).stdout).toMatch(/-60 min +now +\+10 min\n.*lag-60 speaks/);
  expect(JSON.parse((await run('forecast', 'pay', '--json')).stdout)).toMatchObject({ function: 'pay', modelId: id });
});

test('a function without a forecast, and one that does not exist', async () => {
  expect((await run('forecast', 'pay')).stderr).toContain('Nothing has been forecast for pay yet');
  expect((await run('forecast', 'pai')).stderr).toContain('presage forecast pay');
});

test('accuracy', async () => {
  await api.store.writeForecasts([sampleForecast({ functionId, at: new Date(now().getTime() - 1_200_000) })]);
  const { stdout } = await run('forecast', 'accuracy', 'pay', '--window', '1h');
  expect(stdout).toMatch(/Forecasts +1\n/);
  expect(stdout).toMatch(/WAPE +not defined/);
});

test('lists models and rolls back by the first digits', async () => {
  const [first, second] = [await addModel('one'), await addModel('two')];
  await api.store.deployForecastModel({ functionId, id: second, reason: 'trained' });
  expect((await run('forecast', 'models', 'pay')).stdout).toMatch(new RegExp(`${second.slice(7, 19)} +deployed`));
  const back = await run('forecast', 'rollback', 'pay', first.slice(7, 15));
  expect(back.stdout).toBe(`${first.slice(7, 19)} forecasts pay\n`);
  const unknown = await run('forecast', 'rollback', 'pay', 'zz');
  expect([unknown.status, unknown.stderr]).toEqual([3, expect.stringContaining('No model of pay begins with zz')]);
});

test('retrains some or all', async () => {
  expect((await run('forecast', 'retrain', 'pay', '--force')).stdout).toContain('retrain/default');
  expect(api.workflows.retrains).toMatchObject([{ tenant: 'default', functions: ['pay'], force: true }]);
  await run('forecast', 'retrain');
  expect(api.workflows.retrains[1]).not.toHaveProperty('functions');
});
