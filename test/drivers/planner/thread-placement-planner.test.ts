import { DEFAULT_MOVE_RULES } from '../../../core/placement/move-rules';
import { makePlan } from '../../../core/plan/make-plan';
import { placementCaseOf } from '../../../core/plan/placement-case-of';
import { ThreadPlacementPlanner } from '../../../drivers/planner/thread/thread-placement-planner';
import { settings, snapshotFunction, snapshotOf } from '../../core/plan/plan-builder';

const planner = new ThreadPlacementPlanner();
afterAll(() => planner.close());

const { problem } = placementCaseOf(
  snapshotOf({
    functions: [snapshotFunction('acme/pay')],
    users: [{ function: 'acme/pay', region: 'eu', calls: 3_600, bytes: 0 }],
  }),
  settings,
);
const request = { problem, notes: ['a note'], movable: null, rules: DEFAULT_MOVE_RULES, seed: 1 };

test('plans in its thread as it would here', async () => {
  expect(await planner.plan(request)).toEqual(makePlan(request));
});

test('tells what is wrong with a case', async () => {
  const broken = { ...request, problem: { ...problem, weights: { ...problem.weights, user: -1 } } };
  await expect(planner.plan(broken)).rejects.toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('weights.user') as string,
  });
});
