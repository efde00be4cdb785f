import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formatTraceparent, isSampled, keptByRatio } from '../../core/trace/traceparent';
import { newSpanId, type Tracer } from '../../drivers/tracing/tracer';
import { traceContextOf } from '../invocation/trace-context';

/** The span of a request of the control API that is under way. */
export interface ApiSpan {
  readonly traceId: string;
  readonly parentId: string | null;
  readonly spanId: string;
  /** Unix milliseconds. */
  readonly startMs: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where its trace is not kept. */
    apiSpan: ApiSpan | null;
  }
}

/** Makes a span of every request that needs a key, so that the workflows that it starts can go on from it. */
export function traceRequests(app: FastifyInstance, tracer: Pick<Tracer, 'ended' | 'ratio'>): void {
  app.addHook('onRequest', (request, _, done) => {
    const { traceId, parentId, flags } = traceContextOf(request.headers);
    const kept = parentId === null ? keptByRatio(traceId, tracer.ratio) : isSampled(flags);
    if (kept && request.routeOptions.config.scope !== 'open') {
      request.apiSpan = { traceId, parentId, spanId: newSpanId(), startMs: Date.now() };
    }
    done();
  });
  app.addHook('onResponse', (request, { statusCode, elapsedTime }, done) => {
    const span = request.apiSpan;
    const route = request.routeOptions.url ?? 'unknown';
    if (span) {
      tracer.ended({
        ...span,
        name: `${request.method} ${route}`,
        kind: 'server',
        endMs: span.startMs + elapsedTime,
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'http.response.status_code': statusCode,
          'presage.tenant': request.apiCaller?.tenant ?? 'none',
        },
        error: statusCode >= 500 ? `status ${statusCode}` : null,
      });
    }
    done();
  });
}

/** For who goes on from the request; undefined where its trace is not kept. */
export function traceparentOf({ apiSpan }: Pick<FastifyRequest, 'apiSpan'>): string | undefined {
  return apiSpan ? formatTraceparent({ ...apiSpan, sampled: true }) : undefined;
}
