import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { toPlatformError } from '../core/error/platform-error';

/** Twice within the shortest heartbeat timeout of `workflows/options.ts`. */
const HEARTBEAT_MS = 1000;

type Activity<Input, Output> = (input: Input) => Promise<Output>;

/**
 * An activity around a plain async function: a heartbeat each second as long as it works, cancellation when Temporal
 * says so, and failures as Temporal knows them: the code as type, retried only where a retry can help.
 */
export function asActivity<Input, Output>(work: Activity<Input, Output>): Activity<Input, Output> {
  return async (input) => {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      return await Promise.race([work(input), context.cancelled]);
    } catch (error) {
      if (error instanceof Error && error.name === 'CancelledFailure') throw error;
      const failure = toPlatformError(error);
      throw ApplicationFailure.create({
        message: failure.message,
        type: failure.code,
        nonRetryable: !failure.retryable,
        cause: failure,
        ...(failure.problems.length > 0 ? { details: [failure.problems] } : {}),
      });
    } finally {
      clearInterval(beat);
    }
  };
}
