import { PlatformError } from '../../../core/error/platform-error';
import { makeHarness, type Harness } from './api-harness';

let api: Harness;
let time = 0;
beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  api = await makeHarness({ now: () => new Date(time) });
});
afterEach(() => api.close());

const ready = (query = '') => api.call('GET', `/readyz${query}`, { key: null });
/** Past every cache of probes and statistics. */
const later = (): void => void (time += 60_000);

test('alive, and of which version, without a key', async () => {
  expect((await api.call('GET', '/livez', { key: null })).body).toEqual({ status: 'live' });
  expect((await api.call('GET', '/version', { key: null })).body).toMatchObject({
    name: 'presage',
    version: '0.1.0',
    api: 'v1',
  });
});

test('ready when invocations can be served; the rest only degrades', async () => {
  expect((await ready()).body).toEqual({ status: 'ready' });
  const verbose = (await ready('?verbose')).body['checks'] as unknown as { name: string }[];
  expect(verbose.map(({ name }) => name)).toEqual(['routes', 'agents', 'agent local', 'store', 'temporal']);
  api.workflows.away = true;
  jest.spyOn(api.store, 'ping').mockRejectedValueOnce(new Error('connect postgres://me:secret@db'));
  later();
  const degraded = await ready('?verbose=true');
  expect(degraded.status).toBe(200);
  expect(degraded.body['status']).toBe('degraded');
  expect(degraded.text).not.toContain('secret');
  const failed = (degraded.body['checks'] as unknown as { name: string; ok: boolean }[]).filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(['store', 'temporal']);
});

test('not ready without routes, without an agent, or while it stops', async () => {
  api.state.routesReady = false;
  const routes = await ready();
  expect(routes.body).toMatchObject({ status: 503, code: 'unavailable', errors: [{ path: 'routes' }] });
  expect(routes.headers['retry-after']).toBe('1');
  api.state.routesReady = true;
  api.node.away = true;
  later();
  expect((await ready()).body).toMatchObject({ status: 503, errors: [{ path: 'agents' }, { path: 'agent local' }] });
  api.node.away = false;
  later();
  expect((await ready()).status).toBe(200);
  api.state.draining = true;
  expect((await ready()).body).toMatchObject({ status: 503, errors: [{ path: 'draining' }] });
});

test('many probes at once cost each agent one call', async () => {
  await Promise.all([ready(), ready(), ready(), api.call('GET', '/metrics'), api.call('GET', '/v1/status')]);
  expect(api.node.calls).toBe(1);
});

test('metrics: pools by state, checkpoints, requests by template, the build', async () => {
  const instance = (state: string) => ({ tenant: 'acme', state, memoryBytes: 1 });
  api.node.report = {
    ...api.node.report,
    instances: [instance('idle'), instance('frozen'), instance('frozen')],
    checkpoints: [
      { rawBytes: 70, rawLoaded: true, quarantined: false },
      { rawBytes: 900, rawLoaded: false, quarantined: true },
    ],
  };
  const base = { tenant: 'acme', function: 'f', revisionId: 'r', revision: 1, node: 'local', hostKey: 'h' };
  await api.store.createCheckpoint({ ...base, id: 'c1' });
  await api.store.updateCheckpoint('c1', { state: 'ready', sealedBytes: 30 });
  await api.call('GET', '/v1/functions/absent');
  const { text, headers } = await api.call('GET', '/metrics', { key: null });
  expect(headers['content-type']).toContain('text/plain');
  for (const line of [
    'presage_pool_instances{node="local",state="frozen"} 2',
    'presage_pool_instances{node="local",state="idle"} 1',
    'presage_pool_instances{node="local",state="leased"} 0',
    'presage_node_up{node="local"} 1',
    'presage_node_grants_total{node="local",start="warm"} 2',
    'presage_node_failures_total{node="local",code="restore_failed"} 1',
    'presage_node_checkpoints{node="local",state="usable"} 1',
    'presage_node_checkpoints{node="local",state="quarantined"} 1',
    'presage_dependency_up{dependency="store"} 1',
    'presage_dependency_up{dependency="temporal"} 1',
    'presage_node_memory_bytes{node="local",kind="committed"} 300',
    'presage_node_starts{node="local",state="waiting"} 2',
    'presage_checkpoint_bytes{node="local",form="sealed"} 30',
    'presage_checkpoint_bytes{node="local",form="raw"} 70',
    'presage_api_request_duration_seconds_count{method="GET",route="/v1/functions/:name",status="404"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).toMatch(/presage_build_info\{version="0.1.0",commit="unknown",node="v\d+[^"]*"\} 1/);
  expect(text).toContain('process_cpu_seconds_total');
});

test('metrics outlive agents and stores that are away', async () => {
  api.node.away = true;
  jest.spyOn(api.store, 'checkpoints').mockRejectedValue(new PlatformError('unavailable', 'away'));
  const { status, text } = await api.call('GET', '/metrics', { key: null });
  expect((await api.call('GET', '/metrics')).status).toBe(403);
  expect(status).toBe(200);
  expect(text).toContain('presage_node_up{node="local"} 0');
  expect(text).not.toContain('presage_pool_instances{');
});

test('metrics passed on by a proxy need an operator’s key', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  expect((await api.call('GET', '/metrics', { key: null, headers })).status).toBe(401);
  expect((await api.call('GET', '/metrics', { headers })).status).toBe(403);
  expect((await api.call('GET', '/metrics', { key: api.operatorKey, headers })).status).toBe(200);
});

test('the status of the platform as the tenant sees it', async () => {
  await api.makeFunction('acme', 'hello');
  await api.makeFunction('default', 'theirs');
  const instance = (tenant: string) => ({ tenant, state: 'frozen', memoryBytes: 1 });
  api.node.report = { ...api.node.report, instances: [instance('acme'), instance('default'), instance('default')] };
  const ours = await api.call('GET', '/v1/status');
  expect(ours.body).toMatchObject({
    status: 'ready',
    tenant: 'acme',
    nodes: [
      { name: 'local', tier: 'central', reachable: true, driver: 'simulated', instances: { frozen: 1 }, memory: null },
    ],
    totals: { functions: 1, instances: { frozen: 1 }, lastHour: { invocations: 0, errors: 0 } },
  });
  const operators = await api.call('GET', '/v1/status', { key: api.operatorKey });
  expect(operators.body).toMatchObject({
    nodes: [{ instances: { frozen: 2 }, memory: { capacityBytes: 1000, committedBytes: 300 } }],
  });
  api.node.away = true;
  later();
  expect((await api.call('GET', '/v1/status')).body).toMatchObject({
    status: 'unready',
    nodes: [{ reachable: false, driver: null }],
  });
});
