import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export interface TunnelOptions {
  readonly caller: Socket;
  readonly instance: Duplex;
  /** Closed after so long without a byte in either direction, in milliseconds. */
  readonly idleMs: number;
  /** Is the instance wanted back? */
  readonly withdrawn: () => boolean;
  /** How long after that the tunnel may stay, in milliseconds. */
  readonly graceMs: number;
}

export interface TunnelEnd {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** How often the clocks of a tunnel are looked at, at least. */
const LOOK_MS = 1_000;
/** Once one side has ended, how long the other may take to: a WebSocket has no use for half a connection. */
const LINGER_MS = 2_000;

/**
 * Joins a caller's connection to one of an instance, each at the pace of the other. Ends when both have ended, or one
 * broke, or nothing moves for too long, or the instance is wanted back for too long. Never rejects.
 */
export function tunnel({ caller, instance, idleMs, withdrawn, graceMs }: TunnelOptions): Promise<TunnelEnd> {
  const before = { in: caller.bytesRead, out: caller.bytesWritten };
  const moved = (): number => caller.bytesRead + caller.bytesWritten;
  let seen = moved();
  let movedAt = performance.now();
  let withdrawnAt: number | undefined;
  return new Promise((resolve) => {
    let open = 2;
    let linger: NodeJS.Timeout | undefined;
    const cut = (): void => {
      caller.destroy();
      instance.destroy();
    };
    const clock = setInterval(
      () => {
        const now = performance.now();
        if (moved() !== seen) {
          seen = moved();
          movedAt = now;
        }
        if (withdrawn()) withdrawnAt ??= now;
        if (now - movedAt >= idleMs || (withdrawnAt !== undefined && now - withdrawnAt >= graceMs)) cut();
      },
      Math.min(LOOK_MS, idleMs / 4),
    );
    const closed = (): void => {
      // Whoever has gone takes nothing more; what it said before is still passed on.
      if (--open > 0) {
        for (const side of [caller, instance]) if (!side.destroyed) side.end(() => side.destroy());
        linger ??= setTimeout(cut, LINGER_MS);
        return;
      }
      clearInterval(clock);
      clearTimeout(linger);
      resolve({ bytesIn: caller.bytesRead - before.in, bytesOut: caller.bytesWritten - before.out });
    };
    for (const side of [caller, instance]) {
      if (side.destroyed) closed();
      else side.once('close', closed);
      side.on('error', () => undefined);
      side.once('end', () => (linger ??= setTimeout(cut, LINGER_MS)));
    }
    if (open < 2) return cut();
    caller.pipe(instance);
    instance.pipe(caller);
  });
}
