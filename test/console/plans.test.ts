import type { PlanStateView, PlanView } from '../../console/src/lib/answers';
import { nodeActions } from '../../console/src/pages/nodes/node-actions';
import {
  mayApply,
  microDollars,
  planVerdict,
  shareOfDearest,
  termRows,
} from '../../console/src/pages/nodes/plan-model';
import { NODE_STATES } from '../../core/node/node-state';

const costs = (user: number, resources = 10) => ({ user, data: 0, calls: 5, resources, migration: 0 });
const plan: PlanView = {
  ...{ id: 'p', at: '', dryRun: true, workflowId: 'w', verdict: 'move', reason: '2 to move', solver: 's', seed: 1 },
  ...{ inputsDigest: '', costs: null, held: [], replicas: [], notes: [], outcomes: null },
  moves: [
    {
      ...{
        function: 'default/shop',
        from: ['a'],
        to: ['b'],
        savesPerHour: 40,
        costsOnce: 3,
        before: costs(50),
        after: costs(10),
      },
      ...{ forced: false, waitsFor: [], reason: 'nearer to its users' },
    },
  ],
};
const found = (change: Partial<PlanView>): PlanStateView => ({
  ...{ id: 'p', state: 'done', error: null },
  plan: { ...plan, ...change },
});

test('costs come by term, summed, with the widths of their bars', () => {
  const rows = termRows({ before: costs(50), after: costs(10), best: null });
  expect(rows.find(({ term }) => term === 'user')).toEqual({ term: 'user', before: 50, after: 10, best: null });
  expect(rows.at(-1)).toEqual({ term: 'all', before: 65, after: 25, best: null });
  expect([shareOfDearest(rows, 65), shareOfDearest(rows, 13), shareOfDearest(rows, -3)]).toEqual([1, 0.2, 0]);
  expect(termRows({ before: costs(1), after: costs(1), best: costs(0) }).at(-1)?.best).toBe(15);
  expect(shareOfDearest(termRows({ before: costs(0, 0), after: costs(0, 0) }).slice(0, 2), 0)).toBe(0);
});

test('what a plan came to is a sentence', () => {
  const nothing = { id: 'p', error: null, plan: null };
  expect(planVerdict({ ...nothing, state: 'running' })).toBe('The plan is being made.');
  expect(planVerdict({ ...nothing, state: 'done', error: 'there is one node' })).toBe(
    'Nothing was decided: there is one node',
  );
  expect(planVerdict(found({}))).toBe('A dry run: 1 move would be made, none was.');
  expect(planVerdict(found({ verdict: 'keep', moves: [], reason: 'all is well' }))).toBe(
    'Nothing is to move: all is well',
  );
  expect(planVerdict(found({ verdict: 'infeasible', reason: 'no room' }))).toContain('no room');
  expect(planVerdict(found({ dryRun: false }))).toBe('1 move under way.');
  const outcomes = [{ function: 'default/shop', state: 'failed' as const, error: 'aborted' }];
  expect(planVerdict(found({ dryRun: false, outcomes }))).toBe('0 of 1 move made.');
});

test('only a dry run that would move something may be applied', () => {
  expect([mayApply(found({})), mayApply(found({ dryRun: false })), mayApply(found({ verdict: 'keep' }))]).toEqual([true, false, false]); // prettier-ignore
});

test('every state of a node has its actions; one that is gone can only be removed', () => {
  expect(Object.fromEntries(NODE_STATES.map((state) => [state, nodeActions(state)]))).toEqual({
    ready: ['cordon', 'drain'],
    cordoned: ['uncordon', 'drain'],
    draining: ['uncordon'],
    drained: ['uncordon', 'remove'],
    lost: ['remove'],
  });
});

test('micro-dollars are for people', () => {
  expect([12.3456, 12_000, 0, -5].map(microDollars)).toEqual(['12.3 µ$', '$0.012', '0 µ$', '-5 µ$']);
});
