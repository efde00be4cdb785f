import type { KeptRequest, TryReport } from '../async-queue';

/** Larger answers are told of, not passed on. */
const PASSED_BYTES = 256 * 1024;

/** What a destination is sent about an invocation that has ended. */
export function destinationRequest(
  row: {
    readonly id: string;
    readonly function: string;
    readonly alias: string;
    readonly tries: number;
    readonly method: string;
    readonly path: string;
    readonly headers: readonly string[];
    readonly acceptedAt: Date;
    readonly reason: string | null;
  },
  { step, result }: TryReport,
): KeptRequest {
  const inline = result?.body.inline ?? null;
  const passed = inline !== null && inline.length <= PASSED_BYTES ? inline : null;
  const response = result && {
    status: result.status,
    contentType: headerOf(result.headers, 'content-type'),
    bytes: result.body.length,
    // Base64, because nobody knows whether it is text.
    body: passed === null ? null : passed.toString('base64'),
  };
  const message = {
    id: row.id,
    function: row.function,
    alias: row.alias,
    state: step.state,
    reason: row.reason,
    tries: row.tries,
    acceptedAt: row.acceptedAt.toISOString(),
    request: { method: row.method, path: row.path },
    response,
  };
  const body = Buffer.from(JSON.stringify(message));
  const traceparent = headerOf(row.headers, 'traceparent');
  return {
    method: 'POST',
    path: '/',
    headers: [
      'content-type',
      'application/json',
      'x-source-invocation',
      row.id,
      ...(traceparent === null ? [] : ['traceparent', traceparent]),
    ],
    body: { inline: body, digest: null, length: body.length },
    remoteAddress: null,
  };
}

function headerOf(headers: readonly string[], name: string): string | null {
  const index = headers.findIndex((word, at) => at % 2 === 0 && word.toLowerCase() === name);
  return index === -1 ? null : (headers[index + 1] ?? null);
}
