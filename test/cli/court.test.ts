import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { sampleReport } from '../integration/workflows/fake-activities';
import { presage } from './fake-platform';

let api: Harness;
beforeAll(async () => {
  api = await makeHarness();
  await api.makeFunction('default', 'hello');
});
afterAll(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });
const asked = () => [...api.workflows.judges.values()].at(-1);

test('policies are compared side by side, the cheapest one marked', async () => {
  const policies = [sampleReport('presage', 90_000), sampleReport('fixed:10m', 120_000)];
  const result = { from: '2026-03-01T10:00:00.000Z', to: '2026-03-02T10:00:00.000Z', policies, verdict: null };
  api.workflows.judgement = { state: 'done', error: null, result };
  const argv = ['court', '--window', '24h', '--policies', 'presage,fixed:10m', '--functions', 'hello'];
  const { status, stdout } = await run(...argv);
  expect(status).toBe(0);
  expect(asked()).toEqual({
    window: '24h',
    policies: ['presage', 'fixed:10m'],
    functions: ['hello'],
    tenant: 'default',
  });
  expect(stdout).toMatch(/presage +30 +16\.67 % +20\.00 % +30\.00 % +0\.30 ms +25\.0 ms +11\.00 +\$0\.0900 +←/);
  expect(stdout).toMatch(/fixed:10m +30 .*\$0\.120 *\n/);
  expect(JSON.parse((await run(...argv, '-o', 'json')).stdout)).toMatchObject({
    state: 'done',
    result: { policies: [{ calls: 30 }, {}] },
  });
});

test('a window that could not be judged says why', async () => {
  api.workflows.judgement = { state: 'failed', error: 'The window has 9 calls too many', result: null };
  const { status, stderr } = await run('court');
  expect(status).toBe(2);
  expect(asked()).toMatchObject({ tenant: 'default', window: '1h' });
  expect(stderr).toContain('The window could not be judged: The window has 9 calls too many');
});

test('what is wrong is said at once, and nothing is started', async () => {
  const before = api.workflows.judges.size;
  const { stderr } = await run('court', '--window', '99d', '--policies', 'best', '--until', 'noon');
  for (const part of ['choose from 1m to 7d', 'choose among', 'until']) expect(stderr).toContain(part);
  expect((await run('court', '--functions', 'nobody')).stderr).toContain('nobody');
  expect(api.workflows.judges.size).toBe(before);
});

test('a case of another tenant is not found', async () => {
  await run('court');
  const id = [...api.workflows.judges.keys()].at(-1)?.split('/').at(-1);
  expect((await api.call('GET', `/v1/warming/court/${id}`, { key: api.operatorKey })).status).toBe(200);
  expect((await api.call('GET', `/v1/warming/court/${id}`)).status).toBe(404);
});

test('cases so far are listed, and one is shown again', async () => {
  const id = '0193c8b2-7f5e-7c40-8000-000000000009';
  const ids = { workflowId: `court/default/${id}`, runId: 'r', type: 'judgePolicies' };
  api.workflows.listed = [{ ...ids, state: 'done', startedAt: new Date(0), endedAt: new Date(60_000) }];
  expect((await run('court', 'ls')).stdout).toMatch(/0193c8b2\S+ +done +1970-01-01T00:00:00.000Z +1970-01-01T00:01/);
  api.workflows.judges.set(ids.workflowId, {});
  const result = {
    from: '2026-03-01T10:00:00.000Z',
    to: '2026-03-02T10:00:00.000Z',
    policies: [sampleReport('seed', 9)],
  };
  api.workflows.judgement = { state: 'done', error: null, result };
  expect((await run('court', 'show', id)).stdout).toMatch(/seed +30 /);
  expect((await run('court', 'show', 'none')).status).toBe(2);
});
