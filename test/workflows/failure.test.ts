import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { codeOf, reasonOf } from '../../workflows/failure';

const wrapped = (cause: Error): ActivityFailure =>
  new ActivityFailure('Activity task failed', 'startTemplate', '1', RetryState.MAXIMUM_ATTEMPTS_REACHED, 'w', cause);

test('tells the platform’s own sentence and code, not what lies below them', () => {
  const below = new Error('13 INTERNAL: {"code":"start_failed"}');
  const failure = ApplicationFailure.create({ message: 'The function ended', type: 'start_failed', cause: below });
  expect(reasonOf(wrapped(failure))).toBe('The function ended');
  expect(codeOf(wrapped(failure))).toBe('start_failed');
});

test('tells of anything else what it says itself', () => {
  expect(reasonOf(wrapped(new Error('lost')))).toBe('lost');
  expect(reasonOf('odd')).toBe('odd');
  expect(codeOf(new Error('lost'))).toBe('internal');
});
