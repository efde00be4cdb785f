import type { IncomingHttpHeaders } from 'node:http';

const MARK = 'psk_';
const BEARER_OF_OURS = /^bearer +(psk_\S+)\s*$/i;
const BEARER_TOKEN = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)\s*$/i;

/** The key of a request: `authorization: Bearer …`, else `x-api-key`; only what looks like one of ours counts. */
export function apiKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  const bearer = authorization === undefined ? undefined : BEARER_OF_OURS.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const header = headers['x-api-key'];
  return typeof header === 'string' && isApiKey(header) ? header : undefined;
}

/** The signed token (JWT, compact form) of a request. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return BEARER_TOKEN.exec(headers.authorization ?? '')?.[1];
}

/** Is this value of an `authorization` header a key for the platform (and so none of the function's business)? */
export function isBearerOfOurs(value: string): boolean {
  return BEARER_OF_OURS.test(value);
}

/** Does this text look like a key for the platform? */
export function isApiKey(value: string): boolean {
  return value.startsWith(MARK);
}
