import { WorkflowFailedError } from '@temporalio/client';
import type { PlannedMove } from '../../../core/placement/compare-placements';
import { changeReplicas, optimizePlacement } from '../../../workflows';
import { sampleMove, samplePlan } from '../../drivers/store/placement-decision-contract';
import { FakeActivities, noPlan } from './fake-activities';
import { run, startTemporal, stopTemporal } from './workflow-harness';

jest.setTimeout(120_000);

beforeAll(startTemporal);
afterAll(stopTemporal);

/** Activities that plan these moves. */
function planning(moves: readonly PlannedMove[], atOnce = 2): FakeActivities {
  const { verdict, reason, costs } = samplePlan({ verdict: moves.length > 0 ? 'move' : 'keep' });
  const fake = new FakeActivities();
  fake.plan = { ...noPlan, verdict, reason, costs, moves, planId: 'p1', atOnce };
  return fake;
}
const move = (name: string, change: Partial<PlannedMove> = {}): PlannedMove =>
  sampleMove({ function: `acme/${name}`, ...change });
const done = (name: string) => ({ function: `acme/${name}`, state: 'done', error: null });

it('moves what the plan says, and keeps what came of it', async () => {
  const fake = planning([move('pay'), move('cart', { waitsFor: ['acme/pay'] })]);
  const { result } = await run('optimize', optimizePlacement, {}, fake);
  expect(result).toMatchObject({ verdict: 'move', planId: 'p1', outcomes: [done('pay'), done('cart')] });
  expect(fake.outcomes).toEqual([done('pay'), done('cart')]);
  expect(fake.calls.filter((call) => ['planPlacement', 'openMigration', 'closeMigration', 'notePlanOutcomes'].includes(call))).toEqual([
    'planPlacement', 'openMigration', 'closeMigration', 'openMigration', 'closeMigration', 'notePlanOutcomes',
  ]); // prettier-ignore
});

it('moves nothing in a dry run', async () => {
  const fake = planning([move('pay')]);
  const { result } = await run('optimize-dry', optimizePlacement, { dryRun: true, weights: { user: 2 } }, fake);
  expect(result).toMatchObject({ moves: [{ function: 'acme/pay' }], costs: { best: { user: 1 } }, outcomes: null });
  expect(fake.calls).toEqual(['planPlacement']);
});

it('ends at once where there is one node', async () => {
  const fake = new FakeActivities();
  const { result } = await run('optimize-one-node', optimizePlacement, {}, fake);
  expect(result).toMatchObject({ planId: null, reason: expect.stringContaining('one node'), outcomes: null });
  expect(fake.calls).toEqual(['planPlacement']);
});

it('goes on when a move fails, except with those that needed its room', async () => {
  const fake = planning([move('pay'), move('cart', { waitsFor: ['acme/pay'] }), move('tax')], 1);
  fake.failNext('checkMigration', 'conflict');
  const { result } = await run('optimize-failed-move', optimizePlacement, {}, fake);
  expect(result?.outcomes).toEqual([
    { function: 'acme/pay', state: 'failed', error: 'checkMigration was told to fail' },
    { function: 'acme/cart', state: 'skipped', error: 'acme/pay did not make room' },
    done('tax'),
  ]);
});

it('places, adds and takes replicas away', async () => {
  const fake = planning([
    move('new', { from: [], to: ['edge-1'] }),
    move('wide', { from: ['central-1'], to: ['central-1', 'edge-1'] }),
    move('narrow', { from: ['central-1', 'edge-1'], to: ['edge-1'] }),
  ], 1); // prettier-ignore
  const { result } = await run('optimize-replicas', optimizePlacement, {}, fake);
  expect(result?.outcomes).toEqual([done('new'), done('wide'), done('narrow')]);
  expect(fake.calls).toContain('placeOn');
  expect(fake.placements).toEqual(['central-1:50 edge-1:50', 'edge-1:100']);
});

it('names everything that is wrong with its input', async () => {
  const input = { weights: { user: -1, date: 1 }, maxMoves: 0, threshold: 'much' };
  const { error } = await run('optimize-invalid', optimizePlacement, input, new FakeActivities());
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(error?.cause?.message).toMatch(/4 problem\(s\).*maxMoves.*threshold.*weights\.user.*weights: .*date/s);
});

describe('changeReplicas', () => {
  const input = { tenant: 'acme', function: 'pay' };

  it('has an instance ready on the node before users come to it', async () => {
    const fake = new FakeActivities();
    const { result } = await run('replica-added', changeReplicas, { ...input, add: 'edge-1' }, fake);
    expect(result).toEqual({ function: 'pay', nodes: ['central-1', 'edge-1'] });
    expect(fake.calls).toEqual(['checkMigration', 'startTemplate', 'releaseTemplate', 'shiftPlacement']);
  });

  it('leaves nothing behind on a node that it cannot have', async () => {
    const fake = new FakeActivities();
    fake.failNext('startTemplate', 'start_failed');
    const { error } = await run('replica-failed', changeReplicas, { ...input, add: 'edge-1' }, fake);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(fake.calls).toEqual(['checkMigration', 'startTemplate', 'giveUpTemplate', 'drainNode']);
    expect(fake.placements).toEqual([]);
  });

  it('takes the traffic away before the instances, and never the last node', async () => {
    const fake = new FakeActivities();
    fake.inFlight = [1];
    await run('replica-removed', changeReplicas, { ...input, remove: 'central-1' }, fake);
    expect(fake.calls).toEqual(['replicaFacts', 'shiftPlacement', 'drainNode', 'drainNode']);
    expect(fake.placements).toEqual(['edge-1:100']);
    const last = new FakeActivities();
    last.replicas = ['edge-1'];
    const { result } = await run('replica-last', changeReplicas, { ...input, remove: 'edge-1' }, last);
    expect(result?.nodes).toEqual(['edge-1']);
    expect(last.calls).toEqual(['replicaFacts']);
  });
});
