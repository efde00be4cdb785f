import {
  ContinueAsNew,
  defaultPayloadConverter,
  isCancellation,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { formatTraceparent, parseTraceparent, TRACEPARENT_KEY } from '../core/trace/traceparent';
import type { Span } from '../core/trace/span';

/** Where a workflow's own span goes when it has ended; the worker knows the way. */
export interface TraceSinks extends Sinks {
  readonly tracing: { ended(span: Span): void };
}

/** The run's span: known to every worker that takes the run up, and to nobody beforehand. */
function spanIdOf(runId: string): string {
  return runId.replaceAll('-', '').slice(-16);
}

/** The traced caller; undefined where nobody keeps its trace. */
function callerOf(): { readonly traceId: string; readonly parentId: string; readonly spanId: string } | undefined {
  const { memo, runId } = workflowInfo();
  const text = memo?.[TRACEPARENT_KEY];
  const caller = typeof text === 'string' ? parseTraceparent(text) : null;
  return caller?.sampled ? { traceId: caller.traceId, parentId: caller.spanId, spanId: spanIdOf(runId) } : undefined;
}

/** For those that the workflow calls. */
function ownTraceparent(): string | undefined {
  const caller = callerOf();
  return caller && formatTraceparent({ ...caller, sampled: true });
}

/**
 * Takes the trace of whoever started a workflow on to its activities and children. Nothing of it is a step of the workflow:
 * histories that were recorded without it are replayed with it, and the other way round.
 */
export function interceptors(): WorkflowInterceptors {
  const traced = <Input extends { readonly headers: Record<string, unknown> }>(input: Input): Input => {
    const traceparent = ownTraceparent();
    if (traceparent === undefined) return input;
    return {
      ...input,
      headers: { ...input.headers, [TRACEPARENT_KEY]: defaultPayloadConverter.toPayload(traceparent) },
    };
  };
  return {
    inbound: [
      {
        async execute(input, next) {
          const caller = callerOf();
          if (!caller) return next(input);
          const { workflowType, workflowId, runId } = workflowInfo();
          const startMs = Date.now();
          const ended = (error: string | null): void =>
            proxySinks<TraceSinks>().tracing.ended({
              ...caller,
              name: workflowType,
              kind: 'internal',
              startMs,
              endMs: Date.now(),
              attributes: { 'presage.workflow.id': workflowId, 'presage.workflow.run': runId },
              error,
            });
          try {
            const result = await next(input);
            ended(null);
            return result;
          } catch (error) {
            const well = error instanceof ContinueAsNew || isCancellation(error);
            ended(well ? null : error instanceof Error ? error.message : String(error));
            throw error;
          }
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(traced(input)),
        scheduleLocalActivity: (input, next) => next(traced(input)),
        startChildWorkflowExecution: (input, next) => {
          const traceparent = ownTraceparent();
          if (traceparent === undefined) return next(input);
          const memo = { ...input.options.memo, [TRACEPARENT_KEY]: traceparent };
          return next({ ...input, options: { ...input.options, memo } });
        },
      },
    ],
  };
}
