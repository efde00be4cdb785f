import { Duplex } from 'node:stream';
import { DelayLine } from '../../agent/rpc/delay-line';

/** Bytes on their way, in one direction, before who sends them is held back. */
export const ON_THE_WAY = 4 * 2 ** 20;

/** The other end of a connection on which each byte takes so long, both ways. */
export class FarSocket extends Duplex {
  readonly #there: DelayLine;
  #underway = 0;

  /** @param oneWayMs above 0 */
  constructor(
    private readonly near: Duplex,
    oneWayMs: number,
  ) {
    super({ allowHalfOpen: true });
    this.#there = new DelayLine(oneWayMs);
    const back = new DelayLine(oneWayMs);
    near.on('data', (chunk: Buffer) =>
      back.push(() => {
        if (!this.push(chunk)) near.pause();
      }),
    );
    near.once('end', () => back.push(() => this.push(null)));
    near.once('close', () => back.push(() => this.destroy()));
    near.on('error', (error) => back.push(() => this.destroy(error)));
  }

  override _read(): void {
    this.near.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#underway += chunk.length;
    const crowded = this.#underway >= ON_THE_WAY;
    this.#there.push(() => {
      this.#underway -= chunk.length;
      const taken = this.near.destroyed || this.near.write(chunk);
      if (crowded && taken) done();
      else if (crowded) this.near.once('drain', () => done());
    });
    if (!crowded) done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#there.push(() => {
      this.near.end();
      done();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.near.destroy();
    done(error);
  }
}
