import type { Duplex } from 'node:stream';
import type { UpstreamHandler } from '../upstream/upstream-connection';

/**
 * Stands before a handler while the instance that answers is still being woken: what it says is held back until the agent
 * has said how it came to run, which is mostly known before the first byte comes. If it is said that it does not run, the
 * handler hears that as its error.
 */
export class HeldAnswer implements UpstreamHandler {
  /** What has happened, in order; null when nothing is held back any more. */
  #held: (() => void)[] | null = [];
  #abort: (() => void) | undefined;
  #resume: (() => void) | undefined;
  /** The handler takes no more of the body for now. */
  #full = false;
  #complete = false;

  constructor(
    private readonly handler: UpstreamHandler,
    started: Promise<unknown>,
  ) {
    started.then(
      () => this.#release(),
      (error: Error) => this.#fail(error),
    );
  }

  onConnect(abort: () => void): void {
    // Once the answer is whole the connection may be another request's.
    this.#abort = () => {
      if (!this.#complete) abort();
    };
    this.handler.onConnect(this.#abort);
  }

  onHeaders(status: number, headers: readonly string[], resume: () => void, reason: string): void {
    this.#resume = resume;
    this.#pass(() => this.handler.onHeaders(status, headers, resume, reason));
  }

  onData(chunk: Buffer): boolean {
    this.#pass(() => (this.#full = !this.handler.onData(chunk)));
    return this.#held === null && !this.#full;
  }

  onComplete(): void {
    this.#complete = true;
    this.#pass(() => this.handler.onComplete());
  }

  onUpgrade(headers: readonly string[], socket: Duplex): void {
    this.#pass(() => this.handler.onUpgrade(headers, socket));
  }

  onError(error: Error): void {
    this.#complete = true;
    this.#pass(() => this.handler.onError(error));
  }

  #pass(event: () => void): void {
    if (this.#held) this.#held.push(event);
    else event();
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const event of held) event();
    if (!this.#complete && !this.#full && held.length > 0) this.#resume?.();
  }

  #fail(error: Error): void {
    this.#held = null;
    this.#abort?.();
    this.handler.onError(error);
  }
}
