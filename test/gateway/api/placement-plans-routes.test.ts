import { sampleDecision, sampleMove, samplePlan } from '../../drivers/store/placement-decision-contract';
import { makeHarness, textOf, type Harness } from './api-harness';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const shared = samplePlan({
  moves: [sampleMove(), sampleMove({ function: 'other/till', waitsFor: ['acme/pay'] })],
  held: [{ function: 'other/stock', to: ['edge-1'], savesPerHour: 3, reason: 'would save too little' }],
});

test('tenants see what plans make of their own functions, operators of all', async () => {
  const decision = sampleDecision({ plan: shared });
  await api.store.writePlacementDecision(decision);
  const own = await api.call('GET', '/v1/placement/plans');
  expect(own.body['items']).toMatchObject([
    { id: decision.id, verdict: 'move', reason: '1 function(s) are to move', costs: null, notes: [], held: [] },
  ]);
  expect(own.text).not.toContain('other/');
  expect(own.body['items']?.[0]?.['moves']).toMatchObject([
    { function: 'acme/pay', to: ['edge-1'], after: { user: 1 } },
  ]);
  const all = await api.call('GET', `/v1/placement/plans/${decision.id}`, { key: api.operatorKey });
  expect(all.body).toMatchObject({
    state: 'running',
    plan: {
      costs: { best: { user: 1 } },
      moves: [{}, { waitsFor: ['acme/pay'] }],
      notes: ['edge-2 was never heard of'],
    },
  });
  await api.store.notePlacementOutcomes(decision.id, [
    { function: 'acme/pay', state: 'done', error: null },
    { function: 'other/till', state: 'failed', error: 'no room' },
  ]);
  const ended = await api.call('GET', `/v1/placement/plans/${decision.id}`);
  expect(ended.body).toMatchObject({ state: 'done', plan: { outcomes: [{ function: 'acme/pay', state: 'done' }] } });
});

test('shows where functions sit and what that costs, term by term', async () => {
  expect((await api.call('GET', '/v1/placement')).body).toEqual({ at: null, functions: [] });
  await api.store.writePlacementDecision(sampleDecision());
  const { functions } = (await api.call('GET', '/v1/placement')).body;
  expect(functions).toMatchObject([
    { function: 'acme/pay', nodes: ['central-1'], costs: { user: 3, calls: 2 }, total: 6.5, users: { p99Ms: 80 } },
  ]);
  const query = { tenant: 'default' };
  expect((await api.call('GET', '/v1/placement', { key: api.operatorKey, query })).body['functions']).toEqual([]);
});

test('plans for the tenant who asks, without moving anything unless told to', async () => {
  const made = await api.call('POST', '/v1/placement/plan');
  expect(made.status).toBe(202);
  const id = textOf(made.body['id']);
  expect(api.workflows.plans.get(textOf(made.body['workflowId']))).toEqual({
    dryRun: true,
    planId: id,
    tenant: 'acme',
  });
  const state = () => api.call('GET', `/v1/placement/plans/${id}`);
  expect((await state()).body).toEqual({ id, state: 'running', error: null, plan: null });
  api.workflows.judgement = { state: 'done', error: null, result: { planId: null, reason: 'there is one node' } };
  expect((await state()).body).toEqual({ id, state: 'done', error: 'there is one node', plan: null });
  api.workflows.judgement = { state: 'failed', error: 'a hole in the matrix', result: null };
  expect((await state()).body).toMatchObject({ state: 'failed', error: 'a hole in the matrix' });
  const wish = { dryRun: false, maxMoves: 3, threshold: 0.1, weights: { user: 2 } };
  const operators = await api.call('POST', '/v1/placement/plan', { key: api.operatorKey, payload: wish });
  expect(api.workflows.plans.get(textOf(operators.body['workflowId']))).toEqual({
    ...wish,
    planId: operators.body['id'],
  });
});

test('refuses what makes no sense, all of it at once', async () => {
  const payload = { weights: { user: -1, date: 2 }, maxMoves: 0 };
  const refused = await api.call('POST', '/v1/placement/plan', { payload });
  expect(refused.status).toBe(400);
  expect(refused.text).toMatch(/weights/);
  expect(refused.text).toMatch(/maxMoves/);
  expect((await api.call('GET', '/v1/placement/plans/absent')).status).toBe(404);
  const reader = await api.makeKey('acme', ['read']);
  expect((await api.call('POST', '/v1/placement/plan', { key: reader })).status).toBe(403);
});
