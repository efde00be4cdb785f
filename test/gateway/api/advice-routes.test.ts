import { sampleAdvice } from '../../drivers/store/advice-contract';
import { makeHarness, textOf, type Harness } from './api-harness';

const ALL = { at: new Date('2026-03-01T00:00:00Z'), tenant: null, strategies: null };
const policy = sampleAdvice({
  id: 'bbbbbbbbbbbb',
  strategy: 'keep-alive',
  tenant: null,
  function: null,
  change: { kind: 'policy', from: 'fixed:10m', to: 'presage' },
  monthlySaving: 5_000_000n,
});
const others = sampleAdvice({ id: 'cccccccccccc', tenant: 'other' });

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
  await api.store.replaceAdvice([sampleAdvice(), policy, others], ALL);
});
afterEach(() => api.close());

test('tenants see what concerns their functions, operators all, the greatest saving first', async () => {
  const own = await api.call('GET', '/v1/cost/recommendations');
  expect(own.body['items']).toMatchObject([
    {
      id: 'aaaaaaaaaaaa',
      monthlySavingPico: '90071992547409931',
      does: 'deploy acme/pay with resources.memory 96Mi instead of what revision 3 has',
      undo: 'point live at revision 3 again',
      state: 'open',
      evidence: [{ name: 'peak', value: 73_400_320, unit: 'bytes' }],
    },
  ]);
  const all = await api.call('GET', '/v1/cost/recommendations', { key: api.operatorKey });
  expect(all.body['items']).toHaveLength(3);
  const query = { strategy: 'keep-alive' };
  const kept = await api.call('GET', '/v1/cost/recommendations', { key: api.operatorKey, query });
  expect(kept.body['items']).toMatchObject([{ id: 'bbbbbbbbbbbb', monthlySaving: 5 }]);
  expect((await api.call('GET', '/v1/cost/recommendations/cccccccccccc')).status).toBe(404);
  expect((await api.call('GET', '/v1/cost/recommendations/aaaaaaaaaaaa')).body).toMatchObject({ function: 'pay' });
  expect((await api.call('GET', '/v1/cost/recommendations/nonsense')).status).toBe(400);
});

test('savings are looked for on demand, and the search can be followed', async () => {
  const started = await api.call('POST', '/v1/cost/recommendations', { payload: { window: '2d', dryRun: true } });
  expect(started.status).toBe(202);
  expect(api.workflows.searches.get(textOf(started.body['workflowId']))).toMatchObject({ window: '2d', tenant: 'acme', dryRun: true }); // prettier-ignore
  const path = `/v1/cost/searches/${textOf(started.body['id'])}`;
  expect((await api.call('GET', path)).body).toMatchObject({ state: 'running', found: null });
  const [from, to] = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'];
  api.workflows.judgement = { state: 'done', error: null, result: { from, to, found: 3, told: [] } };
  expect((await api.call('GET', path)).body).toMatchObject({ state: 'done', from, to, found: 3 });
  expect((await api.call('GET', '/v1/cost/searches/0193c8b2-7f5e-7c40-8000-000000000003')).status).toBe(404);
});

test('one is applied by a workflow of its own, once, by who may', async () => {
  const path = '/v1/cost/recommendations/aaaaaaaaaaaa/apply';
  const applied = await api.call('POST', path, { payload: { window: '30m' } });
  expect([applied.status, applied.body]).toEqual([
    202,
    { id: 'aaaaaaaaaaaa', workflowId: 'apply-advice/aaaaaaaaaaaa' },
  ]);
  expect(api.workflows.applied.get('apply-advice/aaaaaaaaaaaa')).toMatchObject({ id: 'aaaaaaaaaaaa', window: '30m', by: expect.any(String) as string }); // prettier-ignore
  await api.store.stepAdvice('aaaaaaaaaaaa', { state: 'watching' }, ['open']);
  expect((await api.call('POST', path)).status).toBe(412);
  expect((await api.call('POST', '/v1/cost/recommendations/bbbbbbbbbbbb/apply')).status).toBe(404);
  const operators = await api.call('POST', '/v1/cost/recommendations/bbbbbbbbbbbb/apply', { key: api.operatorKey });
  expect(operators.status).toBe(202);
});

test('one that is watched is taken back by a signal, one that was kept by a run of its own', async () => {
  const path = '/v1/cost/recommendations/aaaaaaaaaaaa/revert';
  expect((await api.call('POST', path)).status).toBe(412);
  await api.call('POST', '/v1/cost/recommendations/aaaaaaaaaaaa/apply');
  await api.store.stepAdvice('aaaaaaaaaaaa', { state: 'watching' }, ['open']);
  expect((await api.call('POST', path)).status).toBe(202);
  expect(api.workflows.signals).toEqual(['revert taken back by hand']);
  await api.store.stepAdvice('aaaaaaaaaaaa', { state: 'kept' }, ['watching']);
  expect((await api.call('POST', path)).status).toBe(202);
  expect(api.workflows.applied.get('apply-advice/aaaaaaaaaaaa')).toMatchObject({ undo: true });
});
