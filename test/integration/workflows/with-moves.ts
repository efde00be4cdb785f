import { ApplicationFailure } from '@temporalio/workflow';

export * from '../../../workflows';

/** Stands for the workflow that moves one function: `stubborn` does not move. */
export async function migrateFunction(input: { function: string; from: string; to: string; reason: string }) {
  if (input.function === 'stubborn') throw ApplicationFailure.nonRetryable('it did not get ready', 'start_failed');
  return input;
}
