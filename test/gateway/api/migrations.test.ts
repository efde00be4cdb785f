import { presage } from '../../cli/fake-platform';
import { makeHarness, textOf, type Harness, type Json } from './api-harness';
import { FakeNode } from './fake-ports';

let api: Harness;
let functionId: string;
beforeEach(async () => {
  const nodes = ['edge-1', 'edge-2'].map((name) => Object.assign(new FakeNode(), { name }));
  for (const node of nodes) node.report = { ...node.report, memoryCapacityBytes: 2e9, memoryCommittedBytes: 0 };
  api = await makeHarness({ nodes: () => nodes });
  functionId = await api.makeFunction('acme', 'pay');
  await api.store.setPlacement(functionId, [{ node: 'edge-1', weight: 100 }]);
});
afterEach(() => api.close());

const move = (payload: object = { function: 'pay', to: 'edge-2' }) => api.call('POST', '/v1/migrations', { payload });
const look = async (id: Json | undefined): Promise<Json> =>
  (await api.call('GET', `/v1/migrations/${textOf(id)}`)).body;
const WORKFLOW = 'migrate/acme/pay';

test('a move is started as a workflow, under an id by which it can be followed', async () => {
  const { status, body } = await move({ function: 'pay', to: 'edge-2', holdSeconds: 0.5 });
  expect([status, body]).toEqual([202, expect.objectContaining({ function: 'pay', to: 'edge-2', state: 'running' })]);
  expect(api.workflows.migrations.get(WORKFLOW)).toMatchObject({
    tenant: 'acme',
    migrationId: body['id'],
    to: 'edge-2',
  });
  expect(await look(body['id'])).toEqual(body);
  expect((await api.call('GET', '/v1/migrations?function=pay')).body).toMatchObject({ items: [{ id: body['id'] }] });
  expect((await api.call('GET', '/v1/migrations?state=completed')).body).toMatchObject({ items: [] });
});

test.each([
  [{ function: 'pay', to: 'mars' }, 400, 'There is no node'],
  [{ function: 'pay', to: 'edge-1' }, 400, 'is on \\"edge-1\\" already'],
  [{ function: 'pay', to: 'edge-2', from: 'edge-2' }, 400, 'already'],
  [{ function: 'nothing', to: 'edge-2' }, 404, 'There is no function'],
  [{ to: 'edge-2', steps: [0, 101], holdSeconds: -1 }, 400, 'holdSeconds'],
])('%j is refused before a workflow is started', async (payload, status, said) => {
  const refused = await move(payload);
  expect(refused.status).toBe(status);
  expect(refused.text).toContain(said);
  expect(api.workflows.migrations.size).toBe(0);
  expect((await api.call('GET', '/v1/migrations')).body).toMatchObject({ items: [] });
});

test('a second move of the function is refused, and one while Temporal is away; both leave a record that says so', async () => {
  await move();
  const second = await move();
  expect([second.status, second.text]).toEqual([409, expect.stringContaining('runs already')]);
  const states = (await api.call('GET', '/v1/migrations')).body['items'] as unknown as { state: string }[];
  expect(states.map(({ state }) => state)).toEqual(['refused', 'running']);
});

test('it is approved and aborted by signals, as long as it runs', async () => {
  const { id } = (await move()).body;
  const tell = (what: string, payload?: object) =>
    api.call('POST', `/v1/migrations/${textOf(id)}/${what}`, payload ? { payload } : {});
  expect((await tell('approve')).status).toBe(202);
  expect((await tell('abort', { reason: 'not today' })).status).toBe(202);
  expect(api.workflows.signals).toEqual(['approve', 'abort not today']);
  await api.store.updateMigration(textOf(id), { state: 'completed' });
  expect((await tell('abort')).status).toBe(409);
  expect((await tell('approve')).status).toBe(409);
  expect((await api.call('POST', '/v1/migrations/none/abort')).status).toBe(404);
});

test('aborting one whose workflow was ended from outside lets go of what it held', async () => {
  const { id } = (await move()).body;
  const half = [{ node: 'edge-1', weight: 60 }, { node: 'edge-2', weight: 40 }]; // prettier-ignore
  await api.store.setPlacement(functionId, half, { ifGeneration: 1, fence: `${WORKFLOW}/run-1` });
  api.workflows.migrations.clear();
  const aborted = await api.call('POST', `/v1/migrations/${textOf(id)}/abort`);
  expect(aborted.body).toMatchObject({ state: 'rolled-back', error: 'its workflow was ended from outside' });
  expect(await api.store.placementOf(functionId)).toMatchObject({ nodes: half, fence: null });
});

test('the placement says where a function is, how much lives there and who moves it', async () => {
  const place = async () => (await api.call('GET', '/v1/functions/pay/placement')).body;
  expect(await place()).toMatchObject({ generation: 1, nodes: [{ node: 'edge-1', weight: 100 }], changedBy: null });
  const half = [{ node: 'edge-1', weight: 60 }, { node: 'edge-2', weight: 40 }]; // prettier-ignore
  await api.store.setPlacement(functionId, half, { ifGeneration: 1, fence: `${WORKFLOW}/run-1` });
  expect(await place()).toMatchObject({ generation: 2, changedBy: WORKFLOW });
  const listed = await api.call('GET', '/v1/placements');
  expect(listed.body).toEqual({ items: [await place()], next: null });
  const refused = await move();
  expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(`moved already, by ${WORKFLOW}`)]);
});

test('metrics count migrations by how they ended', async () => {
  const { id } = (await move()).body;
  await api.store.updateMigration(textOf(id), { state: 'completed' });
  const { text } = await api.call('GET', '/metrics', { key: null });
  expect(text).toContain('presage_migrations_total{outcome="completed"} 1');
  expect(text).toContain('presage_migration_duration_seconds_bucket{outcome="completed",le="+Inf"} 1');
  expect(text).toContain('presage_migration_duration_seconds_count{outcome="completed"} 1');
});

test('the command line moves, lists, shows and aborts', async () => {
  const env = { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.acmeKey };
  const run = (...argv: string[]) => presage(argv, { cwd: '/', env });
  expect((await run('migrate', 'pay', '--to', 'edge-2', '--approve')).stdout).toContain('is being moved to edge-2');
  const [row] = JSON.parse((await run('migration', 'ls', '-o', 'json')).stdout) as { id: string }[];
  const id = row?.id ?? '';
  const phases = [{ step: 'check', startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:01.000Z', note: 'fine' }]; // prettier-ignore
  await api.store.updateMigration(id, { phases });
  expect((await run('migration', 'show', id)).stdout).toMatch(/State +running[\s\S]*check +1\.0 s +fine/);
  expect((await run('migration', 'approve', id)).status).toBe(0);
  expect((await run('migration', 'abort', id)).stdout).toContain('being put back');
  expect((await run('placement', 'show', 'pay')).stdout).toMatch(/edge-1 +100 %/);
  expect((await run('placement', 'nodes')).stdout).toMatch(/pay +edge-1 \(100 %, 0 instances\) +-/);
  await api.store.updateMigration(id, { state: 'rolled-back', error: 'not today' });
  api.workflows.migrations.clear();
  setTimeout(() => {
    void api.store.migrations({ tenant: 'acme', state: 'running' }).then(async ({ items }) => {
      for (const item of items) await api.store.updateMigration(item.id, { state: 'rolled-back', error: 'full' });
    });
  }, 300);
  const waited = await run('migrate', 'pay', '--to', 'edge-2', '--wait');
  expect([waited.status, waited.stderr]).toEqual([1, expect.stringContaining('pay was not moved: full')]);
});
