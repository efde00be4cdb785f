import { toPlatformError } from '../../core/error/platform-error';
import { parseTraceparent, type SpanContext } from '../../core/trace/traceparent';
import type { Span } from '../../core/trace/span';
import { newSpanId, type Tracer } from '../../drivers/tracing/tracer';
import type { AcquireReply, AcquireRequest } from './agent-messages';

/** What calls of an agent leave in the traces of those who made them; calls that no kept trace belongs to leave nothing. */
export class AgentTraces {
  constructor(
    private readonly tracer: Pick<Tracer, 'ended'>,
    private readonly node: string,
  ) {}

  /** An instance that was asked for: a span, and one for each phase of the start that the caller saw. */
  async acquire(
    request: Pick<AcquireRequest, 'traceparent' | 'invocationId'>,
    answer: () => Promise<AcquireReply>,
  ): Promise<AcquireReply> {
    const caller = keptOf(request.traceparent);
    if (!caller) return answer();
    const span = this.#begin(caller, 'acquire', { 'presage.invocation.id': request.invocationId });
    try {
      const reply = await answer();
      this.#phases(span, reply);
      this.#end(span, null, {
        'presage.start.kind': reply.kind,
        ...(reply.cause === null ? {} : { 'presage.start.cause': reply.cause }),
        'presage.start.blank': reply.blank,
        'presage.instance.id': reply.instanceId,
      });
      return reply;
    } catch (error) {
      this.#end(span, error, {});
      throw error;
    }
  }

  /** Any other call. @param traceparent as the caller sent it */
  async call<T>(name: string, traceparent: string | undefined, answer: () => T | Promise<T>): Promise<T> {
    const caller = keptOf(traceparent);
    if (!caller) return answer();
    const span = this.#begin(caller, name, { 'rpc.system': 'grpc', 'rpc.method': name });
    try {
      const reply = await answer();
      this.#end(span, null, {});
      return reply;
    } catch (error) {
      this.#end(span, error, {});
      throw error;
    }
  }

  #begin(
    { traceId, spanId }: SpanContext,
    name: string,
    attributes: Span['attributes'],
  ): Omit<Span, 'endMs' | 'error'> {
    return {
      traceId,
      spanId: newSpanId(),
      parentId: spanId,
      name,
      kind: 'server',
      startMs: unixNow(),
      attributes: { 'presage.node': this.node, ...attributes },
    };
  }

  #end(span: Omit<Span, 'endMs' | 'error'>, error: unknown, attributes: Span['attributes']): void {
    const why = error === null ? null : toPlatformError(error).message;
    this.tracer.ended({ ...span, endMs: unixNow(), error: why, attributes: { ...span.attributes, ...attributes } });
  }

  /** They follow each other up to now, in the order in which they were. */
  #phases(span: Omit<Span, 'endMs' | 'error'>, { queueMs, sandboxMs, readyMs }: AcquireReply): void {
    let startMs = unixNow() - queueMs - sandboxMs - readyMs;
    for (const [name, ms] of [
      ['queue', queueMs],
      ['sandbox', sandboxMs],
      ['ready', readyMs],
    ] as const) {
      // prettier-ignore
      const [from, to] = [startMs, startMs + ms];
      startMs = to;
      if (ms <= 0) continue;
      const part = {
        spanId: newSpanId(),
        parentId: span.spanId,
        kind: 'internal',
        attributes: {},
        error: null,
      } as const;
      this.tracer.ended({ ...part, traceId: span.traceId, name, startMs: from, endMs: to });
    }
  }
}

function keptOf(traceparent: string | undefined): SpanContext | null {
  const caller = traceparent ? parseTraceparent(traceparent) : null;
  return caller?.sampled ? caller : null;
}

/** With fractions, which `Date.now` has not. */
function unixNow(): number {
  return performance.timeOrigin + performance.now();
}
