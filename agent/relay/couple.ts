import type { Duplex } from 'node:stream';

/**
 * Makes two connections one: each side is read no faster than the other takes, the end of one direction is passed on alone, and
 * when one side is closed or broken the other is.
 * @param ended called once, when both are closed
 * @returns closes both at once
 */
export function couple(one: Duplex, other: Duplex, ended: () => void): () => void {
  let open = 2;
  const end = (): void => {
    one.destroy();
    other.destroy();
  };
  const closed = (side: Duplex, far: Duplex): void => {
    if (--open === 0) ended();
    else if (side.errored || far.writableFinished) far.destroy();
    else {
      // What it said before it closed is still on its way through the other.
      far.once('finish', () => far.destroy());
      if (!far.writableEnded) far.end();
    }
  };
  for (const [side, far] of [
    [one, other],
    [other, one],
  ] as const) {
    side.on('error', () => undefined);
    side.once('close', () => closed(side, far));
    side.pipe(far);
  }
  if (one.destroyed || other.destroyed) end();
  return end;
}
