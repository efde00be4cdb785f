import { ServerResponse, type IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { toPlatformError } from '../../core/error/platform-error';
import type { KeptBody } from '../../drivers/async-queue/async-queue';
import type { BodyKeeper } from './body-keeper';

/** What an instance, or the platform in its place, answered. */
export interface KeptAnswer {
  readonly status: number;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: KeptBody;
  /** Larger than what is kept: the body is left out. */
  readonly truncated: boolean;
}

const NOTHING: KeptBody = { inline: null, digest: null, length: 0 };

/** Takes an answer from the invocation path and puts it aside instead of sending it. */
export class KeptResponse extends ServerResponse {
  /** The whole answer; null when it was broken off or never began. Rejects when its body cannot be stored. */
  readonly answer: Promise<KeptAnswer | null>;
  readonly #pipe = new PassThrough();
  #head: { readonly status: number; readonly headers: string[] } | undefined;
  #over = false;
  #resolve: () => void = () => undefined;

  constructor(request: IncomingMessage, bodies: Pick<BodyKeeper, 'take'>, maxBytes: number) {
    super(request);
    Object.defineProperties(this, {
      headersSent: { get: () => this.#head !== undefined },
      writableEnded: { get: () => this.#over },
    });
    this.#pipe.on('drain', () => this.emit('drain'));
    this.#pipe.on('error', () => undefined);
    this.answer = this.#take(bodies, maxBytes);
    // It is awaited when the invocation path is done; until then nobody hears of a failure.
    this.answer.catch(() => undefined);
  }

  /** Nobody waits for the answer any more. */
  leave(): void {
    this.emit('close');
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const headers = rest.find((part) => typeof part === 'object' && part !== null);
    const flat = Array.isArray(headers) ? headers.map(String) : Object.entries(headers ?? {}).flatMap(([k, v]) => [k, String(v)]); // prettier-ignore
    this.statusCode = status;
    this.#head = { status, headers: flat };
    return this;
  }

  override write(chunk: unknown): boolean {
    return this.#pipe.write(chunk);
  }

  override end(chunk?: unknown): this {
    if (this.#over) return this;
    this.#over = true;
    if (chunk !== undefined && typeof chunk !== 'function') this.#pipe.write(chunk);
    this.#pipe.end();
    this.#resolve();
    return this;
  }

  override flushHeaders(): void {
    // They are kept, not sent.
  }

  override destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    if (!this.#over) this.#pipe.destroy(error ?? new Error('the answer was broken off'));
    this.#resolve();
    return this;
  }

  async #take(bodies: Pick<BodyKeeper, 'take'>, maxBytes: number): Promise<KeptAnswer | null> {
    const over = new Promise<void>((resolve) => (this.#resolve = resolve));
    const taken = bodies.take(this.#pipe, maxBytes).then(
      ({ body }) => ({ body, error: null }),
      (error: unknown) => {
        // The function may go on to speak; nobody listens.
        this.#pipe.resume();
        return { body: NOTHING, error };
      },
    );
    await over;
    const { body, error } = await taken;
    if (!this.#over || !this.#head) return null;
    if (error !== null && !isTooLarge(error)) throw toPlatformError(error);
    return { ...this.#head, body, truncated: error !== null };
  }
}

function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'payload_too_large';
}
