import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { formatTraceparent, parseTraceparent, TRACEPARENT_KEY } from '../../core/trace/traceparent';
import { newSpanId, type Tracer } from '../../drivers/tracing/tracer';
import type { TraceSinks } from '../../workflows/trace-interceptors';

/** The activities that run now, as parts of the traces of those who started their workflows. */
export class ActivityTraces {
  readonly #current = new AsyncLocalStorage<string>();

  constructor(private readonly tracer: Pick<Tracer, 'ended'>) {}

  /** The span of the activity that calls this; undefined where its trace is not kept. */
  readonly traceparent = (): string | undefined => this.#current.getStore();

  /** Takes the spans of workflows that have ended. */
  get sinks(): InjectedSinks<TraceSinks> {
    return { tracing: { ended: { fn: (_, span) => this.tracer.ended(span), callDuringReplay: false } } };
  }

  readonly interceptors: ActivityInterceptorsFactory = (context: Context) => ({
    inbound: {
      execute: async (input, next) => {
        const payload = input.headers[TRACEPARENT_KEY];
        const caller = payload ? parseTraceparent(defaultPayloadConverter.fromPayload<string>(payload)) : null;
        if (!caller?.sampled) return next(input);
        const { info } = context;
        const spanId = newSpanId();
        const startMs = Date.now();
        const end = (error: string | null): void =>
          this.tracer.ended({
            traceId: caller.traceId,
            spanId,
            parentId: caller.spanId,
            name: info.activityType,
            kind: 'internal',
            startMs,
            endMs: Date.now(),
            attributes: {
              'presage.workflow.id': info.workflowExecution?.workflowId ?? 'none',
              'presage.activity.attempt': info.attempt,
            },
            error,
          });
        try {
          const own = formatTraceparent({ traceId: caller.traceId, spanId, sampled: true });
          const result = await this.#current.run(own, () => next(input));
          end(null);
          return result;
        } catch (error) {
          end(error instanceof Error ? error.message : String(error));
          throw error;
        }
      },
    },
  });
}
