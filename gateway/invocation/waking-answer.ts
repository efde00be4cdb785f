import type { Duplex } from 'node:stream';
import type { UpstreamHandler } from '../upstream/upstream-connection';

/**
 * Stands before a handler while the instance that answers is being woken. An answer proves that it was, and passes. An
 * error before it waits until the agent has said whether the instance ran: if it did not, the handler hears that instead.
 */
export class WakingAnswer implements UpstreamHandler {
  #abort: (() => void) | undefined;
  #answered = false;
  #error: Error | undefined;
  #woken = false;

  constructor(
    private readonly handler: UpstreamHandler,
    woken: Promise<unknown>,
  ) {
    woken.then(
      () => {
        this.#woken = true;
        if (this.#error) this.handler.onError(this.#error);
      },
      (error: Error) => {
        if (this.#answered) return;
        if (!this.#error) this.#abort?.();
        this.#woken = true;
        this.handler.onError(error);
      },
    );
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    this.handler.onConnect(abort);
  }

  onHeaders(status: number, headers: readonly string[], resume: () => void, reason: string): void {
    this.#answered = true;
    this.handler.onHeaders(status, headers, resume, reason);
  }

  onData(chunk: Buffer): boolean {
    return this.handler.onData(chunk);
  }

  onComplete(): void {
    this.handler.onComplete();
  }

  onUpgrade(headers: readonly string[], socket: Duplex): void {
    this.#answered = true;
    this.handler.onUpgrade(headers, socket);
  }

  onError(error: Error): void {
    if (this.#answered || this.#woken) this.handler.onError(error);
    else this.#error = error;
  }
}
