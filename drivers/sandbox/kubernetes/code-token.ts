import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** How long a pod may fetch its code with one. */
export const CODE_TOKEN_MS = 3600_000;
const KEY_BYTES = 32;

/** Tokens by which pods fetch their code: each for one digest and for an hour, and good for any process with the same master key. */
export class CodeTokens {
  readonly #key: Buffer;

  constructor(masterKey: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', masterKey, '', 'presage pod code', KEY_BYTES));
  }

  /** @param now unix milliseconds */
  make(digest: string, now: number): string {
    const until = now + CODE_TOKEN_MS;
    return `${until}.${this.#sign(`${digest}\n${until}`)}`;
  }

  allows(token: string, digest: string, now: number): boolean {
    const [until = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(`${digest}\n${until}`));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(until) > now;
  }

  /** A word for a value that may hold secrets, which it does not give away. */
  fingerprint(text: string): string {
    return this.#sign(`fingerprint\n${text}`).slice(0, 24);
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}
