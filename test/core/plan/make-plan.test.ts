import { DEFAULT_MOVE_RULES } from '../../../core/placement/move-rules';
import { makePlan } from '../../../core/plan/make-plan';
import { placementCaseOf } from '../../../core/plan/placement-case-of';
import type { PlanRequest } from '../../../core/plan/placement-plan';
import type { PlacementSnapshot } from '../../../core/plan/placement-snapshot';
import { settings, snapshotFunction, snapshotOf } from './plan-builder';

const users = (name: string, region: string, calls: number) => ({ function: name, region, calls, bytes: 0 });
function planOf(snapshot: Partial<PlacementSnapshot>, change: Partial<PlanRequest> = {}) {
  const { problem, notes } = placementCaseOf(snapshotOf(snapshot), settings);
  return makePlan({ problem, notes, movable: null, rules: DEFAULT_MOVE_RULES, seed: 1, ...change });
}

test('brings a function to its users, and what it calls with it', () => {
  const plan = planOf({
    functions: [snapshotFunction('acme/cart'), snapshotFunction('acme/tax')],
    users: [users('acme/cart', 'eu', 3_600)],
    calls: [{ from: 'acme/cart', to: 'acme/tax', calls: 3_600, bytes: 0 }],
  });
  expect(plan.verdict).toBe('move');
  expect(plan.moves.map(({ function: id, from, to }) => [id, from, to])).toEqual(
    expect.arrayContaining([
      ['acme/cart', ['central-1'], ['edge-1']],
      ['acme/tax', ['central-1'], ['edge-1']],
    ]),
  );
  expect(plan.costs.after.user).toBeLessThan(plan.costs.before.user / 10);
  expect(plan.assignment).toContainEqual(
    expect.objectContaining({ function: 'acme/cart', nodes: ['central-1'], users: { meanMs: 80, p99Ms: 80 } }),
  );
});

test('is the same for the same inputs, and says by which', () => {
  const snapshot = { functions: [snapshotFunction('acme/pay')], users: [users('acme/pay', 'eu', 100)] };
  expect(planOf(snapshot)).toEqual(planOf(snapshot));
  const other = planOf({ ...snapshot, users: [users('acme/pay', 'eu', 101)] });
  expect(other.inputsDigest).not.toBe(planOf(snapshot).inputsDigest);
});

test('moves only what may move', () => {
  const snapshot = {
    functions: [snapshotFunction('acme/pay'), snapshotFunction('other/pay')],
    users: [users('acme/pay', 'eu', 3_600), users('other/pay', 'eu', 3_600)],
  };
  const { moves } = planOf(snapshot, { movable: ['acme/pay'] });
  expect(moves.map((move) => move.function)).toEqual(['acme/pay']);
  expect(moves[0]?.reason).toMatch(/users are 4 ms from edge-1 instead of 80 ms/);
});

test('a function that asks for what there is not keeps nobody else from moving', () => {
  const plan = planOf({
    functions: [
      snapshotFunction('acme/pay'),
      snapshotFunction('acme/huge', {}, { resources: { memory: '64Gi' } }),
      snapshotFunction('acme/far', {}, { sla: { latencyMs: 11 }, tier: { allow: ['central'] } }),
    ],
    users: [users('acme/pay', 'eu', 3_600), users('acme/far', 'eu', 3_600)],
  });
  expect(plan.moves.map((move) => move.function)).toEqual(['acme/pay']);
  expect(plan.notes).toEqual([
    'acme/huge may be on no node (memory): it stays as it is',
    'acme/far can reach 0 % of its users within 1.0 ms, not 99 %: its SLA does not count',
  ]);
});

test('too many for all nodes together are told by name', () => {
  const big = { resources: { memory: '7Gi' } };
  const plan = planOf({ functions: ['a', 'b', 'c'].map((name) => snapshotFunction(`acme/${name}`, {}, big)) });
  expect(plan).toMatchObject({ verdict: 'infeasible', moves: [], costs: { best: null } });
  expect(plan.reason).toMatch(/memory/);
  expect(plan.reason).toMatch(/acme\/a/);
});

test('several nodes where one cannot keep the promise, and what they are worth', () => {
  const plan = planOf({
    functions: [snapshotFunction('acme/pay', {}, { sla: { latencyMs: 30 } })],
    users: [users('acme/pay', 'eu', 3_600), users('acme/pay', 'us', 3_600)],
  });
  expect(plan.moves).toMatchObject([{ function: 'acme/pay', from: ['central-1'], forced: true }]);
  expect([...(plan.moves[0]?.to ?? [])].sort()).toEqual(['central-1', 'edge-1']);
  expect(plan.replicas).toMatchObject([{ function: 'acme/pay', p99Ms: 4, singleP99Ms: 80 }]);
});
