import { sampleDecision, sampleMove, samplePlan } from '../drivers/store/placement-decision-contract';
import { makeHarness, type Harness } from '../gateway/api/api-harness';
import { presage } from './fake-platform';

let api: Harness;
beforeEach(async () => {
  api = await makeHarness();
});
afterEach(() => api.close());

const run = (...argv: string[]) =>
  presage(argv, { env: { PRESAGE_URL: api.origin, PRESAGE_API_KEY: api.operatorKey } });
/** The plan that the next run of the workflow makes. */
function nextPlan(plan = samplePlan()): void {
  api.workflows.startPlan = async (_workflowId, { planId = '', dryRun = false }) => {
    await api.store.writePlacementDecision(sampleDecision({ id: planId, dryRun, plan }));
    if (!dryRun) await api.store.notePlacementOutcomes(planId, [{ function: 'acme/pay', state: 'done', error: null }]);
  };
}

test('a plan tells its costs, its moves and why', async () => {
  nextPlan(
    samplePlan({
      held: [{ function: 'acme/tax', to: ['edge-1'], savesPerHour: 1, reason: 'would save too little' }],
      replicas: [
        { function: 'acme/pay', nodes: ['edge-1', 'central-1'], p99Ms: 4, singleNode: 'edge-1', singleP99Ms: 80 },
      ],
    }),
  );
  const { status, stdout } = await run('placement', 'plan', '--dry-run');
  expect(status).toBe(0);
  expect(stdout).toMatch(/move: 1 move/);
  expect(stdout).toMatch(/COST AN HOUR +USER +DATA +CALLS +RESOURCES +MIGRATION +ALL/);
  expect(stdout).toMatch(/now +3 µ\$ +0 µ\$ +2 µ\$ +1\.5 µ\$ +0 µ\$ +6\.5 µ\$/);
  expect(stdout).toMatch(/acme\/pay +central-1 +edge-1 +2000 µ\$ +- +acme\/pay saves/);
  expect(stdout).toMatch(/acme\/tax +edge-1 +would save too little/);
  expect(stdout).toContain('users’ p99 4.00 ms; on edge-1 alone 80.0 ms');
  expect(stdout).toContain('edge-2 was never heard of');
});

test('without --dry-run its moves are waited for', async () => {
  nextPlan();
  expect((await run('placement', 'plan')).stdout).toMatch(/acme\/pay +central-1 +edge-1 +2000 µ\$ +done/);
});

test('says why there is nothing to decide', async () => {
  api.workflows.judgement = { state: 'done', error: null, result: { planId: null, reason: 'there is one node' } };
  expect((await run('placement', 'plan', '--dry-run')).stdout).toContain('Nothing to decide: there is one node');
  api.workflows.judgement = { state: 'failed', error: 'a hole in the matrix', result: null };
  expect((await run('placement', 'plan')).stderr).toContain('a hole in the matrix');
});

test('lists what places cost, and explains one', async () => {
  expect((await run('placement', 'ls')).stderr).toContain('No plan was made yet');
  await api.store.writePlacementDecision(sampleDecision());
  expect((await run('placement', 'ls')).stdout).toMatch(/acme\/pay +central-1 +80\.0 ms +3 µ\$/);
  const explained = (await run('placement', 'explain', 'pay')).stdout;
  expect(explained).toMatch(/On +central-1/);
  expect(explained).toMatch(/central-1 → edge-1 +acme\/pay saves/);
  const json = JSON.parse((await run('placement', 'explain', 'pay', '-o', 'json')).stdout) as object;
  expect(json).toMatchObject({ now: { nodes: ['central-1'] }, decisions: [{ decided: 'central-1 → edge-1' }] });
  expect((await run('placement', 'explain', 'absent')).stderr).toContain('No plan has looked at absent yet');
});

test('what a move of a function came to is told', async () => {
  const decision = sampleDecision({ plan: samplePlan({ moves: [sampleMove({ from: [] })] }) });
  await api.store.writePlacementDecision(decision);
  await api.store.notePlacementOutcomes(decision.id, [
    { function: 'acme/pay', state: 'failed', error: 'edge-1 is full' },
  ]);
  expect((await run('placement', 'explain', 'pay')).stdout).toMatch(/nowhere → edge-1 .*failed: edge-1 is full/);
});
