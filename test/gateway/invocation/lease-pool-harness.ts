import type { PlatformError } from '../../../core/error/platform-error';
import { Lease, type Grant, type LeaseEnd, type LeaseHolder, type StartFacts } from '../../../gateway/invocation/lease';
import { LeasePool } from '../../../gateway/invocation/lease-pool';
import { UpstreamPool } from '../../../gateway/upstream/upstream-pool';

export interface Asked {
  readonly deadlineMs: number;
  readonly invocationId: string;
  readonly signal: AbortSignal;
  give(lingerMs?: number, startMs?: number): Lease;
  fail(error: PlatformError): void;
}

const pools: LeasePool[] = [];
afterEach(() => pools.splice(0).forEach((pool) => pool.close()));

/** A pool whose Acquires are answered by the test; closed when that has ended. */
export function setUpPool(concurrency = 1, maxInstances = 100) {
  const asked: Asked[] = [];
  const ended: { id: string; end: LeaseEnd }[] = [];
  const unused: [from: number, to: number][] = [];
  let reachable = true;
  let connected = true;
  const holder: LeaseHolder = {
    node: 'local',
    place: { region: 'local', node: 'local' },
    get connected() {
      return connected;
    },
    parked: () => undefined,
    wake: () => Promise.reject(new Error('nothing is parked')),
    ended: (lease, end) => void ended.push({ id: lease.instanceId, end }),
  };
  const pool = new LeasePool({
    concurrency,
    maxInstances: () => maxInstances,
    parallelStarts: () => 100,
    cores: () => 2,
    reachable: () => reachable,
    unused: (from, to) => void unused.push([from, to]),
    acquire: (request) =>
      new Promise<Grant<StartFacts>>((resolve, reject) => {
        const number = asked.length + 1;
        asked.push({
          ...request,
          give: (lingerMs = 60_000, startMs = 0) => {
            const endpoint = { kind: 'unix', path: '/nowhere' } as const;
            const reply = { instanceId: `i${number}`, endpoint, lingerMs };
            const lease = new Lease(
              holder,
              reply,
              concurrency,
              new UpstreamPool({ kind: 'unix', path: '/nowhere' }),
              false,
            );
            resolve({ lease, start: { kind: 'cold', cause: 'first', queueMs: 0, sandboxMs: startMs, readyMs: 0 } });
            return lease;
          },
          fail: reject,
        });
      }),
  });
  pools.push(pool);
  return {
    ...{ pool, asked, ended, unused },
    setReachable: (value: boolean) => (reachable = value),
    setConnected: (value: boolean) => (connected = value),
  };
}

export const at = <T>(items: readonly T[], index: number): T => {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
};
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Who is still waiting when a test ends is refused, which is no failure of the test. */
export function wait(pool: LeasePool, id: string, deadlineMs = 10_000): Promise<Grant> {
  const grant = pool.wait(id, deadlineMs);
  grant.catch(() => undefined);
  return grant;
}
