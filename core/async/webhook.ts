import { createHmac, timingSafeEqual, type Hmac } from 'node:crypto';

const TOKEN_CHARACTERS = 32;

/**
 * The part of a webhook's URL that nobody can guess. Derived, so that it is the same for every revision and gateway, and
 * changes with the name of the trigger. URL-safe.
 */
export function webhookToken(masterKey: Buffer, functionId: string, trigger: string): string {
  const mac = createHmac('sha256', masterKey).update(JSON.stringify(['presage webhook', functionId, trigger]));
  return mac.digest('base64url').slice(0, TOKEN_CHARACTERS);
}

/** Is `given` the token? Takes as long for a wrong one as for the right one. */
export function isWebhookToken(given: string, expected: string): boolean {
  return sameBytes(Buffer.from(given), Buffer.from(expected));
}

/** What a body that we send is signed with, as `WebhookSignature` wants it. */
export function signatureOf(secret: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Computes the HMAC-SHA256 of a body that comes in pieces. */
export class WebhookSignature {
  readonly #mac: Hmac;

  constructor(secret: string) {
    this.#mac = createHmac('sha256', secret);
  }

  update(chunk: Buffer): void {
    this.#mac.update(chunk);
  }

  /** Is `header`, `sha256=` and hexadecimal or hexadecimal alone, the signature of the whole? Called once. */
  matches(header: string | undefined): boolean {
    const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(header?.trim() ?? '')?.[1];
    return hex !== undefined && sameBytes(Buffer.from(hex, 'hex'), this.#mac.digest());
  }
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
