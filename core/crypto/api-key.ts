import { createHash, hash } from 'node:crypto';
import { PlatformError } from '../error/platform-error';

/** Bytes of randomness in an API key: too many to guess, so a plain hash without salt is enough to store it. */
export const API_KEY_RANDOM_BYTES = 32;
const MARK = 'psk_';

export interface NewApiKey {
  /** Shown once: `psk_` and 43 base64url characters. */
  readonly key: string;
  /** First 8 characters after `psk_`, kept to tell keys apart in lists. */
  readonly prefix: string;
  /** What is stored; see `hashApiKey`. */
  readonly hash: string;
}

/** An API key out of 32 fresh random bytes. */
export function newApiKey(randomBytes: Buffer): NewApiKey {
  if (randomBytes.length !== API_KEY_RANDOM_BYTES) {
    throw new PlatformError(
      'invalid_argument',
      `An API key is made of ${API_KEY_RANDOM_BYTES} random bytes, not ${randomBytes.length}`,
    );
  }
  return of(MARK + randomBytes.toString('base64url'));
}

/**
 * A key that somebody else has made, in the form that ours have: from 43 random letters, digits, `-` and `_` on.
 * @param where named in the error, which never repeats the text @throws PlatformError invalid_argument
 */
export function givenApiKey(text: string, where: string): NewApiKey {
  const key = text.trim();
  if (/^psk_[A-Za-z0-9_-]{43,}$/.test(key)) return of(key);
  throw new PlatformError(
    'invalid_argument',
    `The API key in ${where} is not psk_ and 43 or more of A-Z, a-z, 0-9, - and _`,
    {
      hint: 'A new one: echo "psk_$(openssl rand -base64 32 | tr +/ -_ | tr -d =)"',
    },
  );
}

function of(key: string): NewApiKey {
  return { key, prefix: key.slice(MARK.length, MARK.length + 8), hash: hashApiKey(key) };
}

/** SHA-256 of a whole key, in hex: what the store looks keys up by. */
export function hashApiKey(key: string): string {
  // In one call where Node has it (20.12): the object that `createHash` makes costs three times the hash.
  return typeof hash === 'function' ? hash('sha256', key, 'hex') : createHash('sha256').update(key).digest('hex');
}
