import type { Duplex } from 'node:stream';
import { DelayLine } from '../../agent/rpc/delay-line';
import { FarSocket, ON_THE_WAY } from './far-socket';
import type { UpstreamHandler, UpstreamRequest } from './upstream-connection';
import type { UpstreamPool } from './upstream-pool';

/** Connections to an instance whose answers take half of a round trip; that its requests do is their sender's part. */
export class FarConnections implements Pick<UpstreamPool, 'dispatch'> {
  /** @param oneWayMs above 0 */
  constructor(
    private readonly near: Pick<UpstreamPool, 'dispatch'>,
    private readonly oneWayMs: number,
  ) {}

  dispatch(request: UpstreamRequest, handler: UpstreamHandler): void {
    this.near.dispatch(request, new LateAnswer(handler, this.oneWayMs));
  }
}

/** Tells its handler all that it is told, in the same order, so much later. */
class LateAnswer implements UpstreamHandler {
  readonly #line: DelayLine;
  #underway = 0;
  #held = false;
  #resume: (() => void) | undefined;

  constructor(
    private readonly handler: UpstreamHandler,
    private readonly oneWayMs: number,
  ) {
    this.#line = new DelayLine(oneWayMs);
  }

  onConnect(abort: () => void): void {
    this.handler.onConnect(abort);
  }

  onHeaders(status: number, headers: readonly string[], resume: () => void, reason: string): void {
    this.#resume = resume;
    this.#line.push(() => this.handler.onHeaders(status, headers, this.#goOn, reason));
  }

  onData(chunk: Buffer): boolean {
    this.#underway += chunk.length;
    this.#line.push(() => {
      this.#underway -= chunk.length;
      this.#held = !this.handler.onData(chunk);
      if (!this.#held) this.#goOn();
    });
    return !this.#held && this.#underway < ON_THE_WAY;
  }

  onComplete(): void {
    this.#line.push(() => this.handler.onComplete());
  }

  onUpgrade(headers: readonly string[], socket: Duplex): void {
    const far = new FarSocket(socket, this.oneWayMs);
    this.#line.push(() => this.handler.onUpgrade(headers, far));
  }

  onError(error: Error): void {
    this.#line.push(() => this.handler.onError(error));
  }

  readonly #goOn = (): void => {
    this.#held = false;
    if (this.#underway < ON_THE_WAY) this.#resume?.();
  };
}
