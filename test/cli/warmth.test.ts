import { sampleWarmth } from '../drivers/store/warming-contract';
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

test('shows what is held, why, and the decisions before', async () => {
  await api.store.writeWarmth([sampleWarmth({ functionId, function: 'pay', forecastMean: 2.5 })]);
  const { status, stdout } = await run('warmth', 'pay');
  expect(status).toBe(0);
  expect(stdout).toMatch(/Policy +fixed:10m/);
  expect(stdout).toMatch(/Ready +1 running and 2 frozen, 1 frozen after 12.5 s/);
  expect(stdout).toMatch(/Others rest for +600 s, 60 s/);
  expect(stdout).toMatch(/For the forecast +1, of 2.5 calls in the next minute/);
  expect(stdout).toMatch(/Granted +2 on local, 0 on edge-1/);
  expect(stdout).toMatch(/READY +POLICY +BECAUSE/);
  expect(JSON.parse((await run('warmth', 'pay', '-o', 'json')).stdout)).toMatchObject({ ready: 3 });
});

test('a function of which nothing was decided', async () => {
  expect((await run('warmth', 'pay')).stderr).toContain('Nothing has been decided for pay yet');
});
