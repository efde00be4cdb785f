import type { IncomingMessage } from 'node:http';

/** Does the caller rather have 202 than wait for the answer (RFC 7240)? */
export function prefersAsync(request: IncomingMessage): boolean {
  const { prefer } = request.headers;
  return prefer !== undefined && /(^|[,;\s])respond-async\s*($|[,;])/i.test(String(prefer));
}
