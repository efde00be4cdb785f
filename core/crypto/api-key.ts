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
  const text = randomBytes.toString('base64url');
  const key = MARK + text;
  return { key, prefix: text.slice(0, 8), hash: hashApiKey(key) };
}

/** SHA-256 of a whole key, in hex: what the store looks keys up by. */
export function hashApiKey(key: string): string {
  // In one call where Node has it (20.12): the object that `createHash` makes costs three times the hash.
  return typeof hash === 'function' ? hash('sha256', key, 'hex') : createHash('sha256').update(key).digest('hex');
}
