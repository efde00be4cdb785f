import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PlatformError } from '../core/error/platform-error';
import { problemDocument, problemHeaders } from './problem';

/** A caller may still be sending its body when the answer is no: it is read away this long, so that the answer arrives. */
const LINGER_MS = 5_000;

/** Answers a raw request with a failure as problem+json; nothing when the answer has begun already. */
export function sendProblem(
  response: ServerResponse,
  error: PlatformError,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(problemDocument(error, requestId)));
  response.writeHead(error.status, {
    ...headers,
    ...problemHeaders(error),
    'x-request-id': requestId,
    'content-length': String(body.length),
  });
  response.end(body);
  drainBody(response.req);
}

/** Reads away what a caller still sends after its answer, so that the connection can be used again; not for ever. */
export function drainBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
