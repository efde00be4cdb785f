import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Told about a body on its way. */
export interface BodyWatcher {
  /** More bytes than allowed have come; the body ends with an error. */
  tooLarge(): void;
  /** Bytes have come. */
  moved(): void;
}

/** What has been read of a small body, so that it can be sent again: the instance that it was sent to may not have read it. */
export interface KeptBody {
  readonly chunks: Buffer[];
  complete: boolean;
}

/** A longer body is not kept: it waits until it is known who reads it. */
const MOST_KEPT_BYTES = 64 * 1024;

/**
 * The body of an incoming request on its way to an instance: counted, bounded, and apart from the request itself, so
 * that a connection that fails before the first byte leaves the body whole for the next try.
 */
export class RequestBody extends Readable {
  /** Bytes read so far. */
  bytes = 0;
  /** All of it was read from the caller. */
  complete = false;
  #started = false;

  /** @param kept filled with what is read; what is in it already comes first */
  constructor(
    private readonly source: IncomingMessage,
    private readonly maxBytes: number,
    private readonly watcher: BodyWatcher,
    private readonly kept: KeptBody | null = null,
  ) {
    super({ highWaterMark: 64 * 1024 });
    // Whoever reads it hears of failures; without a reader there is nobody to tell.
    this.on('error', () => undefined);
  }

  /** True while the function, not the caller, holds the body up. */
  get heldUpByReader(): boolean {
    return this.#started && !this.complete && this.source.isPaused();
  }

  override _read(): void {
    if (this.#started) {
      this.source.resume();
      return;
    }
    this.#started = true;
    for (const chunk of this.kept?.chunks ?? []) {
      this.bytes += chunk.length;
      this.push(chunk);
    }
    if (this.kept?.complete) {
      this.#end();
      return;
    }
    this.source.on('data', this.#take);
    this.source.on('end', this.#end);
    this.source.on('close', this.#close);
  }

  readonly #take = (chunk: Buffer): void => {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) {
      this.watcher.tooLarge();
      this.destroy(new Error('the body is too large'));
      return;
    }
    this.watcher.moved();
    this.kept?.chunks.push(chunk);
    if (!this.push(chunk)) this.source.pause();
  };

  readonly #end = (): void => {
    this.complete = true;
    if (this.kept) this.kept.complete = true;
    this.push(null);
  };

  /** The caller hung up in the middle. */
  readonly #close = (): void => {
    if (!this.complete) this.destroy(new Error('the caller closed the connection'));
  };

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.source.off('data', this.#take);
    this.source.off('end', this.#end);
    this.source.off('close', this.#close);
    // Without a reader what comes next would be lost to the one that sends it again.
    if (this.kept) this.source.pause();
    callback(error);
  }
}

/** Could all of the request be sent a second time? */
export function isRepeatable(request: IncomingMessage): boolean {
  return !hasBody(request) || Number(request.headers['content-length']) <= MOST_KEPT_BYTES;
}

/** Does the request carry a body? */
export function hasBody(request: IncomingMessage): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  const length = request.headers['content-length'];
  return length !== undefined && length !== '0';
}
