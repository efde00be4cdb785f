import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, rootCause } from '@temporalio/workflow';
import type { z } from 'zod';
import { parseWorkflowInput } from '../core/control/workflow-inputs';
import { toPlatformError } from '../core/error/platform-error';

/** The input, checked; a wrong one fails the workflow for good, with every problem in its message. */
export function validated<S extends z.ZodType>(workflow: string, schema: S, value: unknown): z.output<S> {
  try {
    return parseWorkflowInput(workflow, schema, value);
  } catch (error) {
    const failure = toPlatformError(error);
    throw ApplicationFailure.nonRetryable(failure.message, failure.code);
  }
}

/** One sentence about a failure: the platform's own, neither Temporal's wrapping nor what lies below it. */
export function reasonOf(error: unknown): string {
  const failure = unwrapped(error);
  return failure instanceof ApplicationFailure ? failure.message : (rootCause(failure) ?? String(failure));
}

/** The platform's code of a failed activity or child, as its failure type; `internal` when it has none. */
export function codeOf(error: unknown): string {
  const failure = unwrapped(error);
  return failure instanceof ApplicationFailure ? (failure.type ?? 'internal') : 'internal';
}

function unwrapped(error: unknown): unknown {
  let current = error;
  while (current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) current = current.cause;
  return current;
}
