import { createHash, timingSafeEqual } from 'node:crypto';
import { PlatformError } from '../error/platform-error';

/** Bytes of the secret part. */
export const JOIN_TOKEN_BYTES = 24;
const PREFIX = 'pjt';

/**
 * A token that lets one node join once. It names the platform's authority by its fingerprint, so that whoever joins knows a false
 * one however it was reached.
 * @param random `JOIN_TOKEN_BYTES` random bytes
 */
export function newJoinToken(random: Buffer, authorityPem: string): { readonly token: string; readonly hash: string } {
  const token = `${PREFIX}_${random.toString('base64url')}.${fingerprintOf(authorityPem)}`;
  return { token, hash: hashJoinToken(token) };
}

/** What is kept of a token. */
export function hashJoinToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @throws PlatformError invalid_argument for what is no token; forbidden when the authority is another than it names */
export function requireAuthority(token: string, authorityPem: string): void {
  const [, named] = /^pjt_[\w-]{32}\.([0-9a-f]{64})$/.exec(token) ?? [];
  if (named === undefined)
    throw new PlatformError('invalid_argument', 'This is no join token', { hint: 'It begins with pjt_.' });
  if (timingSafeEqual(Buffer.from(named), Buffer.from(fingerprintOf(authorityPem)))) return;
  throw new PlatformError('forbidden', 'The gateway that answers is not of the platform that made the token');
}

/** SHA-256 of the certificate itself, in hex. */
function fingerprintOf(pem: string): string {
  const body = pem.replace(/-----[^-]+-----|\s/g, '');
  return createHash('sha256').update(Buffer.from(body, 'base64')).digest('hex');
}
