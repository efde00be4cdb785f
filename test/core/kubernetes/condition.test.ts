import { nextConditions } from '../../../core/kubernetes/condition';

const statement = { type: 'Ready', status: 'True', reason: 'Deployed', message: 'it serves' } as const;

test('a condition keeps the time of its status, whatever else is said', () => {
  const first = nextConditions([], [statement], 1, 'monday');
  expect(first).toEqual([{ ...statement, observedGeneration: 1, lastTransitionTime: 'monday' }]);
  const second = nextConditions(first, [{ ...statement, message: 'still' }], 2, 'tuesday');
  expect(second).toEqual([{ ...statement, message: 'still', observedGeneration: 2, lastTransitionTime: 'monday' }]);
  const third = nextConditions(second, [{ ...statement, status: 'False' }], 2, 'wednesday');
  expect(third[0]).toMatchObject({ status: 'False', lastTransitionTime: 'wednesday' });
});

test('a message is cut where Kubernetes would refuse it', () => {
  expect(nextConditions([], [{ ...statement, message: 'x'.repeat(40_000) }], 1, 't')[0]?.message).toHaveLength(32_768);
});
