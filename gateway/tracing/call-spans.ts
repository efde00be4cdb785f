import type { Span } from '../../core/trace/span';
import type { TraceContext } from '../invocation/trace-context';
import type { InvocationProgress } from '../record/invocation-progress';

/** How an invocation ended, and of what it was one. */
export interface CallEnd {
  /** Milliseconds of `performance.now()`. */
  readonly endedAt: number;
  readonly status: number;
  readonly errorCode: string | null;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
}

/**
 * The spans of an invocation: itself, under the id that its function sees as its parent; what it waited for an instance; and
 * the exchange with the instance. @param newId a span id, at random
 */
export function callSpans(
  { trace, spanId }: { readonly trace: TraceContext; readonly spanId: string },
  progress: InvocationProgress,
  end: CallEnd,
  newId: () => string,
): readonly Span[] {
  const { at, arrivedAt, admittedAt, grantedAt, sentAt, kind } = progress;
  const { traceId, parentId } = trace;
  const unix = (moment: number): number => at.getTime() + (moment - arrivedAt);
  const failed = end.status >= 500 ? (end.errorCode ?? `status ${end.status}`) : null;
  const part = (name: string, from: number, to: number, of: Partial<Span>): Span => ({
    traceId,
    spanId: newId(),
    parentId: spanId,
    name,
    kind: 'internal',
    startMs: unix(from),
    endMs: unix(to),
    attributes: {},
    error: null,
    ...of,
  });
  const spans = [
    part(`${end.tenant}/${end.function}`, arrivedAt, end.endedAt, {
      spanId,
      parentId,
      kind: 'server',
      attributes: {
        'faas.name': end.function,
        'faas.version': String(end.revision),
        'faas.coldstart': kind === 'cold',
        'http.request.method': progress.method,
        'http.response.status_code': end.status,
        'url.path': progress.path,
        'presage.tenant': end.tenant,
        'presage.invocation.id': progress.id,
        'presage.start.kind': kind ?? 'none',
        ...(progress.cause === null ? {} : { 'presage.start.cause': progress.cause }),
        ...(progress.node === null ? {} : { 'presage.node': progress.node }),
        ...(progress.caller === null ? {} : { 'presage.caller': progress.caller.function }),
        ...(end.errorCode === null ? {} : { 'error.type': end.errorCode }),
      },
      error: failed,
    }),
  ];
  const until = grantedAt ?? (sentAt === null ? end.endedAt : sentAt);
  if (admittedAt !== null && kind !== 'hot') spans.push(part('wait for an instance', admittedAt, until, {}));
  if (sentAt !== null) {
    const attributes = progress.instanceId === null ? {} : { 'presage.instance.id': progress.instanceId };
    spans.push(part('execute', sentAt, end.endedAt, { kind: 'client', attributes, error: failed }));
  }
  return spans;
}
