import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { ImageStore } from '../image-store';

export interface Distance {
  /** Milliseconds that each request waits for its first byte. */
  readonly roundTripMs: number;
  /** Bytes a second, in each direction, of all transfers together. */
  readonly bytesPerSecond: number;
}

/** An image store at the other end of a line: another one, as far away and as slow as is said. */
export function createFarImageStore(near: ImageStore, { roundTripMs, bytesPerSecond }: Distance): ImageStore {
  const [down, up] = [new Line(bytesPerSecond), new Line(bytesPerSecond)];
  const far = async <T>(ask: () => Promise<T>): Promise<T> => {
    await setTimeout(roundTripMs);
    return ask();
  };
  return {
    put: async (content, options) => {
      const arriving = paced(content, up);
      await setTimeout(roundTripMs);
      return near.put(arriving, options);
    },
    open: (digest) => far(async () => paced(await near.open(digest), down)),
    stat: (digest) => far(() => near.stat(digest)),
    delete: (digest) => far(() => near.delete(digest)),
    list: () => near.list(),
  };
}

/** One direction of a line, which all transfers share: whoever comes waits until those before have passed. */
class Line {
  #freeAt = 0;

  constructor(private readonly bytesPerSecond: number) {}

  /** @returns milliseconds until so many bytes have passed */
  pass(bytes: number): number {
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.bytesPerSecond) * 1000;
    return this.#freeAt - now;
  }
}

function paced(content: Readable, line: Line): Readable {
  const pace = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const ms = line.pass(chunk.length);
      if (ms < 1) done(null, chunk);
      else globalThis.setTimeout(() => done(null, chunk), ms);
    },
  });
  // Who reads only what comes through must hear of a source that broke, and the source of a reader that left.
  content.once('error', (error) => pace.destroy(error));
  // It may break before it is read; who reads it then hears of it all the same.
  pace.once('error', () => undefined);
  pace.once('close', () => content.destroy());
  return content.pipe(pace);
}
