import { makeHarness, type Harness } from './api-harness';

let api: Harness;
beforeAll(async () => {
  api = await makeHarness();
});
afterAll(() => api.close());

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 27, 1, minute));
const run = (workflowId: string, type: string, state: 'running' | 'done' | 'failed') => ({
  ...{ workflowId, type, state, runId: `run-of-${workflowId}` },
  startedAt: at(1),
  endedAt: state === 'running' ? null : at(2),
});
const courtCase = '0193c8b2-7f5e-7c40-8000-00000000000';

beforeEach(() => {
  api.workflows.listed = [
    run('migrate/acme/pay', 'migrateFunction', 'running'),
    run(`court/acme/${courtCase}1`, 'judgePolicies', 'done'),
    run(`court/acme-two/${courtCase}2`, 'judgePolicies', 'running'),
    run(`court/default/${courtCase}3`, 'judgePolicies', 'failed'),
  ];
});

const asOperator = (query?: Record<string, string>) =>
  api.call('GET', '/v1/workflows', { key: api.operatorKey, ...(query ? { query } : {}) });

test('operators see what runs and what starts by itself, each with its place in the UI of Temporal', async () => {
  const name = { scheduleId: 'warm-pools', type: 'warmPools', note: 'Decides', paused: false };
  api.workflows.recurring = [{ ...name, lastAt: at(3), nextAt: null }];
  const { body } = await asOperator({ running: 'true', type: 'migrateFunction' });
  expect(body).toEqual({
    items: [
      {
        workflowId: 'migrate/acme/pay',
        runId: 'run-of-migrate/acme/pay',
        type: 'migrateFunction',
        state: 'running',
        startedAt: '2026-11-27T01:01:00.000Z',
        endedAt: null,
        url: 'http://127.0.0.1:8233/namespaces/default/workflows/migrate%2Facme%2Fpay',
      },
    ],
    schedules: [
      {
        ...name,
        lastAt: '2026-11-27T01:03:00.000Z',
        nextAt: null,
        url: 'http://127.0.0.1:8233/namespaces/default/schedules/warm-pools',
      },
    ],
  });
  expect((await asOperator({ limit: '2' })).body['items']).toHaveLength(2);
});

test('nobody else sees them, and what is asked for wrongly is told', async () => {
  expect((await api.call('GET', '/v1/workflows')).status).toBe(403);
  const wrong = await asOperator({ type: "x' OR 1", limit: '900' });
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('such as migrateFunction')]);
  expect(wrong.text).toContain('limit');
});

test('status tells operators where the UI is, and others nothing', async () => {
  const ui = async (key: string) => (await api.call('GET', '/v1/status', { key })).body['temporalUi'];
  expect(await ui(api.operatorKey)).toBe('http://127.0.0.1:8233/namespaces/default');
  expect(await ui(api.acmeKey)).toBeNull();
});

test('a tenant lists its own cases of the court, and none of a tenant whose name goes on', async () => {
  expect((await api.call('GET', '/v1/warming/court')).body).toEqual({
    items: [
      {
        id: `${courtCase}1`,
        state: 'done',
        startedAt: '2026-11-27T01:01:00.000Z',
        endedAt: '2026-11-27T01:02:00.000Z',
      },
    ],
  });
});

test('while Temporal is away it is said, and when to try again', async () => {
  api.workflows.away = true;
  for (const path of ['/v1/workflows', '/v1/warming/court']) {
    const { status, headers, body } = await api.call('GET', path, { key: api.operatorKey });
    expect([path, status, headers['retry-after'], body['detail']]).toEqual([path, 503, '5', 'Temporal is away']);
  }
  api.workflows.away = false;
});
