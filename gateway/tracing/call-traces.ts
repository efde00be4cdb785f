import { isSampled, keptByRatio } from '../../core/trace/traceparent';
import { newSpanId, type Tracer } from '../../drivers/tracing/tracer';
import type { TraceContext } from '../invocation/trace-context';
import type { InvocationProgress } from '../record/invocation-progress';
import { callSpans, type CallEnd } from './call-spans';

/** What a call is, as far as its traces are concerned. */
export interface TracedCall {
  readonly trace: TraceContext;
  /** Of the call itself; null where it was refused before it had one. */
  readonly spanId: string | null;
}

/**
 * The invocations whose traces are kept, while they run. Spans are made of what is known of a call anyway, when it has ended:
 * nothing follows it on its way, and the spans are as exact as its record.
 */
export class CallTraces {
  /** `traceparent` of each call that is under way, by its id. */
  readonly #calls = new Map<string, string>();

  constructor(private readonly tracer: Pick<Tracer, 'ended' | 'ratio'>) {}

  /** The trace as it goes on: one that begins here is kept, and known to be, or not. */
  begun(trace: TraceContext): TraceContext {
    if (trace.parentId !== null || keptByRatio(trace.traceId, this.tracer.ratio)) return trace;
    return { ...trace, flags: '00' };
  }

  /** The call has a span now, as which it may ask for instances. */
  calling(id: string, { flags }: TraceContext, traceparent: string): void {
    if (isSampled(flags)) this.#calls.set(id, traceparent);
  }

  /** The span of a call that is under way; undefined where its trace is not kept. */
  traceparentOf(id: string): string | undefined {
    return this.#calls.get(id);
  }

  ended(call: TracedCall, progress: InvocationProgress, end: CallEnd): void {
    this.#calls.delete(progress.id);
    if (!isSampled(call.trace.flags)) return;
    const spanId = call.spanId ?? newSpanId();
    for (const span of callSpans({ trace: call.trace, spanId }, progress, end, newSpanId)) this.tracer.ended(span);
  }
}
