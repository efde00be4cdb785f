import type { IncomingMessage } from 'node:http';
import { forwardable } from '../invocation/forwarded-headers';
import { keptTrace, type TraceContext } from '../invocation/trace-context';

/** Asked of the platform, answered by it: no business of the function's later try. */
const ANSWERED: ReadonlySet<string> = new Set(['prefer', 'content-length']);

/**
 * The headers of a request as they are kept for its tries: those that may be passed on, without the platform's keys, and
 * with the trace under which it was accepted. Flat: name, value, name, value.
 */
export function storedHeaders(
  request: IncomingMessage,
  { trace, tokenUsed }: { trace: TraceContext; tokenUsed: boolean },
): string[] {
  const kept = forwardable(request, tokenUsed).filter(
    (_, at, all) => !ANSWERED.has((all[at - (at % 2)] as string).toLowerCase()),
  );
  const { host, 'x-forwarded-for': before, 'x-forwarded-proto': proto } = request.headers;
  return [
    ...kept,
    ...(before === undefined ? [] : ['x-forwarded-for', String(before)]),
    ...(typeof proto === 'string' ? ['x-forwarded-proto', proto] : []),
    ...(host === undefined || hasName(kept, 'host') ? [] : ['host', host]),
    ...keptTrace(trace),
  ];
}

function hasName(headers: readonly string[], name: string): boolean {
  return headers.some((word, at) => at % 2 === 0 && word.toLowerCase() === name);
}
