import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });

test('lists dead letters of a function and describes one with its tries', async () => {
  const history = [{ try: 1, at: '2026-11-23T09:00:00.000Z', ms: 12, status: 500, error: null }];
  api.async.add({ id: 'a', tenant: 'default', function: 'pay', state: 'dead', reason: 'it failed 4 time(s)', history });
  api.async.add({ id: 'b', tenant: 'default', function: 'pay' });
  const list = await run('async', 'list', '--function', 'pay', '--state', 'dead');
  expect(list.stdout).toMatch(/a +pay +http +dead +0 +- .*it failed 4 time\(s\)/);
  expect(list.stdout.trim().split('\n')).toHaveLength(2);
  const one = await run('async', 'describe', 'a');
  expect(one.stdout).toMatch(/State +dead: it failed 4 time\(s\)/);
  expect(one.stdout).toMatch(/1 +2026-11-23T09:00:00.000Z +12(\.0+)? ms +500/);
});

test('cancels one, begins one or all dead letters of a function anew', async () => {
  api.async.add({ id: 'a', tenant: 'default', function: 'pay', state: 'dead' });
  api.async.add({ id: 'b', tenant: 'default', function: 'pay', state: 'dead' });
  api.async.add({ id: 'c', tenant: 'default', function: 'other', state: 'dead' });
  const all = await run('async', 'redrive', '--dead', 'pay');
  expect([all.status, all.stdout]).toEqual([0, 'a begins anew\nb begins anew\n']);
  expect(api.async.rows.map(({ state }) => state)).toEqual(['queued', 'queued', 'dead']);
  expect((await run('async', 'cancel', 'a')).stdout).toBe('a is cancelled\n');
  expect((await run('async', 'redrive', 'b')).status).toBe(5);
  const neither = await run('async', 'redrive');
  expect([neither.status, neither.stderr]).toEqual([2, expect.stringContaining('--dead FUNCTION')]);
});

test('triggers of a function that has none', async () => {
  await api.makeFunction('default', 'pay');
  expect(await run('triggers', 'pay')).toMatchObject({ status: 0, stderr: 'pay has no triggers\n' });
});
