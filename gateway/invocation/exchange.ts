import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RunSpec } from '../../core/function/run-spec';
import type { UpstreamHandler } from '../upstream/upstream-connection';
import type { UpstreamPool } from '../upstream/upstream-pool';
import { EndedAsleep } from './lease';
import { hasBody, RequestBody, type BodyWatcher, type KeptBody } from './request-body';
import { WakingAnswer } from './waking-answer';

/** How one try to have a request answered by an instance ended. */
export type ExchangeEnd =
  | { readonly kind: 'answered' }
  /** The instance speaks the other protocol from here on; `headers` are the head of its 101. */
  | { readonly kind: 'upgraded'; readonly socket: Duplex; readonly headers: string[] }
  /** Nothing of the request has reached the instance: another one may be tried. */
  | { readonly kind: 'unsent'; readonly error: Error }
  /** The instance broke the connection off. */
  | { readonly kind: 'broken'; readonly error: Error }
  | { readonly kind: 'timeout'; readonly clock: 'firstByte' | 'idle' | 'total' }
  /** The caller has gone, or has stopped to send or to read. */
  | { readonly kind: 'caller-left' }
  | { readonly kind: 'too-large' };

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connections: Pick<UpstreamPool, 'dispatch'>;
  readonly path: string;
  readonly headers: string[];
  /** The caller wants a WebSocket. */
  readonly webSocket: boolean;
  readonly timeouts: RunSpec['timeouts'];
  readonly maxBodyBytes: number;
  /** The instance is still being woken and reads the request then; rejected when it does not run. */
  readonly woken?: Promise<unknown> | undefined;
  /** Keeps what of the body is sent, where it may have to be sent again. */
  readonly kept?: KeptBody | null;
  /** Makes the head of the answer out of the function's; called once, when its headers are here. */
  readonly head: (headers: readonly string[]) => string[];
  readonly done: (end: ExchangeEnd) => void;
}

/** Carries one request to an instance and its answer back, streaming both ways under the function's clocks. */
export class Exchange implements UpstreamHandler, BodyWatcher {
  /** When the answer's head was here, milliseconds of `performance.now()`; null before. */
  headAt: number | null = null;
  bytesOut = 0;
  readonly startedAt = performance.now();
  readonly #options: ExchangeOptions;
  readonly #body: RequestBody | null;
  #movedAt = this.startedAt;
  #ended = false;
  #connected = false;
  #paused = false;
  #abort: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { request, maxBodyBytes, kept } = options;
    this.#body = hasBody(request) ? new RequestBody(request, maxBodyBytes, this, kept) : null;
  }

  /** Sends the request; `done` is called exactly once, perhaps before this returns. */
  start(): void {
    const { request, response, connections, timeouts, path, headers, webSocket, woken } = this.#options;
    this.#timer = setTimeout(this.#watch, Math.min(timeouts.totalMs, timeouts.firstByteMs, timeouts.idleMs));
    response.on('close', this.#onClose);
    const method = request.method ?? 'GET';
    const handler = woken ? new WakingAnswer(this, woken) : this;
    connections.dispatch({ path, method, headers, body: this.#body, webSocket }, handler);
  }

  get bytesIn(): number {
    return this.#body?.bytes ?? 0;
  }

  onConnect(abort: () => void): void {
    this.#connected = true;
    this.#abort = abort;
    if (this.#ended) abort();
  }

  onHeaders(status: number, headers: readonly string[], resume: () => void, reason: string): void {
    if (this.#ended || status < 200) return;
    const { response, head } = this.#options;
    this.#movedAt = this.headAt = performance.now();
    this.#resume = resume;
    response.writeHead(status, reason, head(headers));
    // A body mostly comes along with the head and then shares its packet; a head alone goes out at once.
    process.nextTick(this.#flushHead);
  }

  onUpgrade(headers: readonly string[], socket: Duplex): void {
    if (this.#ended) {
      socket.destroy();
      return;
    }
    this.headAt = performance.now();
    this.#finish({ kind: 'upgraded', socket, headers: this.#options.head(headers) });
  }

  onData(chunk: Buffer): boolean {
    if (this.#ended) return true;
    this.#movedAt = performance.now();
    this.bytesOut += chunk.length;
    if (this.#options.response.write(chunk)) return true;
    this.#paused = true;
    this.#options.response.once('drain', this.#onDrain);
    return false;
  }

  onComplete(): void {
    if (this.#ended) return;
    this.#options.response.end();
    this.#finish({ kind: 'answered' });
  }

  onError(error: Error): void {
    if (this.#ended) return;
    this.#finish({ kind: this.#nothingSent(error) ? 'unsent' : 'broken', error });
  }

  moved(): void {
    this.#movedAt = performance.now();
  }

  tooLarge(): void {
    this.#stop({ kind: 'too-large' });
  }

  /** Before the connection stands nothing is sent; and what is written to a closed pipe in one piece reaches nobody. */
  #nothingSent(error: Error): boolean {
    if (!this.#connected || error instanceof EndedAsleep) return true;
    return this.headAt === null && this.#body === null && (error as NodeJS.ErrnoException).code === 'EPIPE';
  }

  readonly #flushHead = (): void => {
    const { response } = this.#options;
    if (this.bytesOut === 0 && !response.writableEnded && !response.destroyed) response.flushHeaders();
  };

  readonly #onDrain = (): void => {
    this.#paused = false;
    this.#movedAt = performance.now();
    this.#resume?.();
  };

  readonly #onClose = (): void => {
    this.#stop({ kind: 'caller-left' });
  };

  /** One timer for three clocks: it looks which has run out and sleeps until the next may. */
  readonly #watch = (): void => {
    const { timeouts } = this.#options;
    const now = performance.now();
    const uploading = this.#body !== null && !this.#body.complete;
    const clocks = [
      { clock: 'total', endsAt: this.startedAt + timeouts.totalMs },
      this.headAt === null && !uploading
        ? ({ clock: 'firstByte', endsAt: this.#movedAt + timeouts.firstByteMs } as const)
        : ({ clock: 'idle', endsAt: this.#movedAt + timeouts.idleMs } as const),
    ] as const;
    const over = clocks.find(({ endsAt }) => endsAt <= now + 1);
    if (over) {
      this.#stop(
        this.#heldUpByCaller(uploading) && over.clock === 'idle'
          ? { kind: 'caller-left' }
          : { kind: 'timeout', clock: over.clock },
      );
      return;
    }
    this.#timer = setTimeout(this.#watch, Math.min(...clocks.map(({ endsAt }) => endsAt)) - now);
  };

  /** Does the caller not read what the function says, or not send what it announced? */
  #heldUpByCaller(uploading: boolean): boolean {
    return this.#paused || (uploading && this.#body?.heldUpByReader === false);
  }

  #stop(end: ExchangeEnd): void {
    if (this.#ended) return;
    this.#finish(end);
    this.#abort?.();
  }

  #finish(end: ExchangeEnd): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    const { response } = this.#options;
    response.off('close', this.#onClose);
    response.off('drain', this.#onDrain);
    this.#options.done(end);
  }
}
