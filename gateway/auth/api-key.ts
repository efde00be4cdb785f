import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Every key of ours begins with it, so that secret scanners, and the proxy that must not pass it on, can tell. */
export const API_KEY_PREFIX = 'psk_';

export interface NewApiKey {
  /** Shown once and never stored. */
  readonly key: string;
  /** First characters, by which people recognise it in a list. */
  readonly prefix: string;
  /** SHA-256 in hex: what the store keeps. */
  readonly hash: string;
}

/** A new key of 256 random bits. */
export function newApiKey(): NewApiKey {
  const key = API_KEY_PREFIX + randomBytes(32).toString('base64url');
  return { key, prefix: key.slice(0, API_KEY_PREFIX.length + 6), hash: hashApiKey(key) };
}

/** SHA-256 in hex. A slow hash would add nothing: the key is random and as long as the digest. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The key of a request: `authorization: Bearer …`, else `x-api-key`; only what looks like one of ours counts. */
export function apiKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = headers.authorization;
  if (bearer !== undefined && isBearerOfOurs(bearer)) return bearer.slice(BEARER.length).trim();
  const header = headers['x-api-key'];
  return typeof header === 'string' && header.startsWith(API_KEY_PREFIX) ? header : undefined;
}

const BEARER = 'Bearer ';

/** Is this value of an `authorization` header a key for the platform (and so none of the function's business)? */
export function isBearerOfOurs(value: string): boolean {
  return /^bearer +psk_/i.test(value);
}
