import type { Store } from '../../../drivers/store/store';
import { createMemoryStore } from '../../fakes/memory-store';
import { packed, sampleInvocation } from '../../drivers/store/sample-records';
import { makeHarness, type Harness, type Json } from './api-harness';

const now = new Date('2026-03-04T05:30:30.000Z');
let clock: Date;
let reads: number;
let api: Harness;
beforeEach(async () => {
  clock = now;
  reads = 0;
  const memory = createMemoryStore(() => now);
  const stepCounts: Store['stepCounts'] = (query) => {
    reads += 1;
    return memory.stepCounts(query);
  };
  api = await makeHarness({ store: { ...memory, stepCounts }, now: () => clock });
});
afterEach(() => api.close());

const overview = (query: Record<string, string> = {}, key = api.acmeKey) =>
  api.call('GET', '/v1/overview', { key, query });

test('says at a glance how a tenant’s functions do, and nothing of others', async () => {
  const pay = await api.makeFunction('acme', 'pay');
  const call = (secondsAgo: number, change: object = {}) =>
    sampleInvocation({
      tenant: 'acme',
      functionId: pay,
      at: new Date(now.getTime() - secondsAgo * 1000),
      userRegion: 'eu',
      firstByteMs: 8,
      ...change,
    });
  await api.store.writeInvocations(
    packed([
      call(10),
      call(20),
      call(100, { kind: 'cold', cause: 'first', firstByteMs: 1024 }),
      call(7_200),
      call(30, { tenant: 'default' }),
    ]),
  );
  const { status, body } = await overview();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    tenant: 'acme',
    window: '1h',
    from: '2026-03-04T04:30:00.000Z',
    to: now.toISOString(),
    stepSeconds: 60,
    functions: 1,
    totals: { total: 3, errors: 0, byKind: { hot: 2, warm: 0, restore: 0, cold: 1 } },
    latency: { from: '2026-03-04T04:00:00.000Z', p50Ms: 8, p99Ms: 1024 },
    coldShare: { share: 1 / 3, target: 0.1 },
    objectives: { availability: { objective: 0.999, share: 1, burn: 0 }, latency: { withinMs: 200, share: 2 / 3 } },
    spend: { today: '0.00' },
    budgets: [],
  });
  const points = body['points'] as unknown as { at: string; total: number }[];
  expect(points).toHaveLength(61);
  expect(points.at(-1)).toMatchObject({ at: '2026-03-04T05:30:00.000Z', total: 2 });
  expect((await overview({ window: '6h' })).body).toMatchObject({ totals: { total: 4 }, stepSeconds: 300 });
});

test('has the budgets with what is spent of them', async () => {
  await api.makeFunction('acme', 'pay');
  const made = await api.call('PUT', '/v1/budgets/all', {
    payload: { limit: '10.00', period: 'daily', timeZone: 'UTC' },
  });
  expect(made.status).toBe(200);
  const { body } = await overview();
  expect(body['budgets']).toMatchObject([{ name: 'all', percent: 0, spent: '0.00' } as unknown as Json]);
});

test('all who look within some seconds share one reading, each tenant and window its own', async () => {
  await Promise.all([overview(), overview(), overview()]);
  expect(reads).toBe(1);
  await overview({ window: '6h' });
  await overview({}, api.operatorKey);
  expect(reads).toBe(3);
  clock = new Date(now.getTime() + 4_900);
  await overview();
  expect(reads).toBe(3);
  clock = new Date(now.getTime() + 5_000);
  expect((await overview()).body['to']).toBe(clock.toISOString());
  expect(reads).toBe(4);
});

test('a window that there is not is refused with those there are', async () => {
  const { status, body } = await overview({ window: '2h' });
  expect([status, body['code']]).toEqual([400, 'invalid_argument']);
  expect(JSON.stringify(body['errors'])).toContain('24h');
});

test('whoami says what a key may do, whatever that is', async () => {
  const none = await api.makeKey('acme', ['invoke']);
  expect((await api.call('GET', '/v1/whoami', { key: none })).body).toMatchObject({
    tenant: 'acme',
    scopes: ['invoke'],
    credential: 'key',
    operator: false,
  });
  expect((await api.call('GET', '/v1/whoami', { key: api.operatorKey })).body).toMatchObject({
    tenant: 'default',
    operator: true,
  });
  expect((await api.call('GET', '/v1/whoami', { key: null })).status).toBe(401);
  expect((await overview({}, none)).status).toBe(403);
});
