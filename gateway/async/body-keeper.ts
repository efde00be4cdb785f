import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { PlatformError } from '../../core/error/platform-error';
import type { KeptBody } from '../../drivers/async-queue/async-queue';
import type { ImageStore } from '../../drivers/image-store/image-store';

/** Bodies up to this stay in the row; bytes. */
export const INLINE_BYTES = 64 * 1024;
/** In front of each spilled body, so that no two have one digest and each can be deleted without a look at the others. */
const NONCE_BYTES = 32;

const EMPTY: KeptBody = { inline: null, digest: null, length: 0 };

/** A body that was taken in. */
export interface TakenBody {
  readonly body: KeptBody;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

/** Puts bodies aside and gives them back: small ones by value, large ones by way of the image store. */
export class BodyKeeper {
  constructor(private readonly images: Pick<ImageStore, 'put' | 'open' | 'delete'>) {}

  /**
   * Takes a stream in to its end. `tap` sees every piece of it.
   * @throws PlatformError payload_too_large past `maxBytes`; invalid_argument when it breaks off; what the store throws
   */
  async take(source: Readable, maxBytes: number, tap?: (chunk: Buffer) => void): Promise<TakenBody> {
    const hash = createHash('sha256');
    const head: Buffer[] = [];
    let length = 0;
    let spill: { readonly pipe: PassThrough; readonly stored: Promise<{ digest: string }> } | undefined;
    try {
      // Who is told that it was too much must still be there to hear it.
      for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > maxBytes) throw tooLarge(maxBytes);
        hash.update(chunk);
        tap?.(chunk);
        if (spill) await write(spill, chunk);
        else if (length <= INLINE_BYTES) head.push(chunk);
        else await write((spill = this.#spill(head)), chunk);
      }
    } catch (error) {
      spill?.pipe.destroy(error instanceof Error ? error : new Error(String(error)));
      await spill?.stored.catch(() => undefined);
      throw error instanceof PlatformError ? error : brokenOff(error);
    }
    spill?.pipe.end();
    const digest = spill ? (await spill.stored).digest : null;
    if (length === 0) return { body: EMPTY, hash: hash.digest('hex') };
    return { body: { inline: spill ? null : Buffer.concat(head), digest, length }, hash: hash.digest('hex') };
  }

  /** The body as a stream; null when it is empty. @throws PlatformError not_found when it is gone */
  async open(body: KeptBody): Promise<Readable | null> {
    if (body.digest === null) return body.inline === null ? null : Readable.from([body.inline]);
    return Readable.from(afterNonce(await this.images.open(body.digest)), { objectMode: false });
  }

  /** Lets go of a body that nothing refers to. */
  async drop(body: KeptBody): Promise<void> {
    if (body.digest !== null) await this.images.delete(body.digest);
  }

  #spill(head: readonly Buffer[]): { pipe: PassThrough; stored: Promise<{ digest: string }> } {
    const pipe = new PassThrough();
    // A store that fails does so by itself; who writes hears of it at the end.
    pipe.on('error', () => undefined);
    const stored = this.images.put(pipe);
    stored.catch(() => pipe.destroy());
    pipe.write(randomBytes(NONCE_BYTES));
    for (const chunk of head) pipe.write(chunk);
    return { pipe, stored };
  }
}

async function write(spill: { pipe: PassThrough; stored: Promise<unknown> }, chunk: Buffer): Promise<void> {
  if (spill.pipe.destroyed) await spill.stored;
  if (spill.pipe.write(chunk)) return;
  await Promise.race([once(spill.pipe, 'drain'), spill.stored]);
}

async function* afterNonce(source: Readable): AsyncGenerator<Buffer> {
  let left = NONCE_BYTES;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const rest = left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
    if (rest.length > 0) yield rest;
  }
}

export function tooLarge(maxBytes: number): PlatformError {
  return new PlatformError('payload_too_large', `The body is larger than ${maxBytes} bytes`);
}

function brokenOff(error: unknown): PlatformError {
  return new PlatformError('invalid_argument', 'The body broke off before its end', { cause: error });
}
