import { createHash } from 'node:crypto';
import { PlatformError } from '../error/platform-error';

const MAX_LENGTH = 255;

/**
 * The key of an `Idempotency-Key` header: a structured string in quotation marks, as the draft wants it, or bare, as
 * many clients send it. Null where the header is missing.
 * @throws PlatformError invalid_argument
 */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const text = header.trim();
  const quoted = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(text)?.[1];
  const key = quoted === undefined ? text : quoted.replace(/\\(["\\])/g, '$1');
  const bare = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(text);
  if (key !== '' && key.length <= MAX_LENGTH && (quoted !== undefined || bare)) return key;
  throw new PlatformError('invalid_argument', 'The header Idempotency-Key is not valid', {
    problems: [{ path: 'idempotency-key', message: `must be 1 to ${MAX_LENGTH} visible ASCII characters` }],
    hint: 'Send one key in quotation marks, e.g. Idempotency-Key: "8e03978e-40d5-43e8-bc93-6894a57f9324".',
  });
}

/** What two requests under one key must have in common; hexadecimal. */
export function requestFingerprint(request: {
  readonly method: string;
  readonly alias: string;
  readonly path: string;
  readonly contentType: string;
  /** SHA-256 of the body, hexadecimal. */
  readonly bodyHash: string;
}): string {
  const { method, alias, path, contentType, bodyHash } = request;
  return createHash('sha256')
    .update(JSON.stringify([method, alias, path, contentType, bodyHash]))
    .digest('hex');
}
