import { PlatformError } from '../../core/error/platform-error';
import type { Grant } from './lease';
import type { Asker } from './start-requests';

/** A request that waits for a lease. */
export interface Waiter extends Asker {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: PlatformError) => void;
}

/** The requests that wait for a lease of one pool, the longest waiting first. */
export class Waiters {
  readonly #all = new Set<Waiter>();

  get size(): number {
    return this.#all.size;
  }

  has(waiter: Waiter): boolean {
    return this.#all.has(waiter);
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#all[Symbol.iterator]();
  }

  /** @param request.deadlineMs from now @param request.signal takes it out @param request.expired called at the deadline, if it waits still */
  add(
    request: Pick<Waiter, 'invocationId' | 'resolve' | 'reject'> & {
      readonly deadlineMs: number;
      readonly signal: AbortSignal | undefined;
      readonly expired: () => void;
    },
  ): Waiter {
    const { invocationId, deadlineMs, signal, expired, resolve, reject } = request;
    const deadlineAt = performance.now() + deadlineMs;
    const timer = setTimeout(expired, Math.max(1, deadlineMs));
    const waiter: Waiter = { invocationId, deadlineAt, timer, resolve, reject };
    this.#all.add(waiter);
    signal?.addEventListener('abort', () => this.refuse(waiter, new PlatformError('internal', 'The caller has left')));
    return waiter;
  }

  remove(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#all.delete(waiter);
  }

  refuse(waiter: Waiter, error: PlatformError): void {
    this.remove(waiter);
    waiter.reject(error);
  }

  refuseAll(error: PlatformError): void {
    for (const waiter of this.#all) this.refuse(waiter, error);
  }
}

/** The gateway takes no more. */
export function stopping(): PlatformError {
  return new PlatformError('draining', 'The gateway is stopping', { retryAfterSeconds: 1 });
}

/** No agent can be asked. */
export function away(): PlatformError {
  return new PlatformError('unavailable', 'The node that runs the function is away', { retryAfterSeconds: 1 });
}
