import { PlatformError, toPlatformError } from '../../core/error/platform-error';
import type { Lease, StartFacts } from './lease';

/** How a request got its instance; a promise while that is being woken. */
export interface Grant<Start = StartFacts | Promise<StartFacts>> {
  readonly lease: Lease;
  readonly start: Start;
}

/** What a pool knows of its revision and of the world. */
export interface LeasePoolOptions {
  readonly concurrency: number;
  /** Bound of instances at once, for this gateway. */
  readonly maxInstances: number;
  /** Asks an agent for an instance; resolves with its lease. */
  readonly acquire: (request: {
    deadlineMs: number;
    invocationId: string;
    signal: AbortSignal;
  }) => Promise<Grant<StartFacts>>;
  /** Is there an agent that answers? Decides what a request is told at its deadline. */
  readonly reachable: () => boolean;
}

/** A start that did not happen: the lease was here. */
const HOT: StartFacts = { kind: 'hot', cause: null, queueMs: 0, sandboxMs: 0, readyMs: 0 };

/** An agent's own answer at the deadline says more than ours: wait this much longer for it. */
const ANSWER_GRACE_MS = 400;
/** A start that nobody waits for any more is called off after this long; sooner it might be wanted again. */
const SURPLUS_MS = 25;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

interface Waiter {
  readonly invocationId: string;
  readonly deadlineAt: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: PlatformError) => void;
}

/**
 * The leases of one revision and the requests that wait for one. A request takes the most recently used lease with room;
 * else it waits, and whichever comes first serves the longest waiter: a lease that another request gives back, or an
 * instance that the agent starts.
 */
export class LeasePool {
  readonly #leases = new Set<Lease>();
  /** With room, the most recently used last. */
  #free: Lease[] = [];
  /** Those that sleep, the most recently used last. */
  readonly #parked: Lease[] = [];
  readonly #waiters = new Set<Waiter>();
  /** Acquires under way, the oldest first. */
  readonly #asked = new Set<AbortController>();
  #pausedUntil = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #resume: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #surplus: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: LeasePoolOptions) {}

  /** Nothing here and nothing on its way: the pool may be forgotten. */
  get empty(): boolean {
    return this.#leases.size === 0 && this.#waiters.size === 0 && this.#asked.size === 0;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  get acquiring(): number {
    return this.#asked.size;
  }

  get leases(): number {
    return this.#leases.size;
  }

  /**
   * A lease with room, at once, or nothing: one in use rather than one that sleeps. The caller gives it back with `give`.
   * @param deadlineMs from now, until which one that sleeps must run
   */
  tryTake(invocationId: string, deadlineMs: number): Grant | undefined {
    // Whoever waits was here before.
    if (this.#waiters.size > 0) return undefined;
    const lease = this.#free.at(-1);
    if (!lease) return this.#tryWake(invocationId, deadlineMs);
    this.#enter(lease);
    return { lease, start: lease.waking ?? HOT };
  }

  /**
   * Waits for a lease.
   * @param deadlineMs from now
   * @param signal takes the request out of the queue
   * @throws PlatformError capacity or unavailable at the deadline; what the agent said when a start failed
   */
  wait(invocationId: string, deadlineMs: number, signal?: AbortSignal): Promise<Grant> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new PlatformError('draining', 'The gateway is stopping', { retryAfterSeconds: 1 }));
        return;
      }
      const waiter: Waiter = {
        invocationId,
        deadlineAt: performance.now() + deadlineMs,
        timer: setTimeout(() => this.#expire(waiter, true), Math.max(1, deadlineMs)),
        resolve,
        reject,
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', () =>
        this.#refuse(waiter, new PlatformError('internal', 'The caller has left')),
      );
      this.#startAsNeeded(waiter);
    });
  }

  /** A request has left the lease. */
  give(lease: Lease): void {
    lease.inFlight--;
    lease.served++;
    if (!lease.open) {
      lease.finishIfIdle();
      return;
    }
    this.#serve(lease, lease.waking ?? HOT);
    if (this.#asked.size * lease.concurrency > this.#waiters.size) {
      this.#surplus ??= setTimeout(() => this.#callOff(), SURPLUS_MS).unref();
    }
    if (!lease.hasRoom) return;
    if (!this.#free.includes(lease)) this.#free.push(lease);
    if (lease.inFlight === 0) this.#idle(lease);
  }

  /** Refuses who waits and gives idle leases back; those in use follow when they are free. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#resume);
    clearTimeout(this.#surplus);
    for (const waiter of this.#waiters) {
      this.#refuse(waiter, new PlatformError('draining', 'The gateway is stopping', { retryAfterSeconds: 1 }));
    }
    this.#callOff();
    for (const lease of this.#leases) this.#release(lease, performance.now());
  }

  /** The lease takes no more requests: it is given back, was withdrawn, broke, or its instance has ended. */
  #drop(lease: Lease): void {
    this.#leases.delete(lease);
    remove(this.#free, lease);
    remove(this.#parked, lease);
    this.#startAsNeeded();
  }

  #enter(lease: Lease): void {
    lease.inFlight++;
    if (lease.inFlight >= lease.concurrency) remove(this.#free, lease);
  }

  /** While the agent is away, whether one that sleeps still exists is not known. */
  #tryWake(invocationId: string, deadlineMs: number): Grant | undefined {
    if (!this.#parked.at(-1)?.holder.connected) return undefined;
    const lease = this.#parked.pop();
    if (!lease) return undefined;
    const start = lease.wake({ invocationId, deadlineMs });
    lease.inFlight++;
    if (lease.hasRoom) this.#free.push(lease);
    return { lease, start };
  }

  /** Lets waiters in, the longest waiting first, while the lease has room. */
  #serve(lease: Lease, start: Grant['start']): void {
    for (const waiter of this.#waiters) {
      if (!lease.hasRoom) return;
      this.#remove(waiter);
      this.#enter(lease);
      waiter.resolve({ lease, start });
    }
  }

  #remove(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }

  #refuse(waiter: Waiter, error: PlatformError): void {
    this.#remove(waiter);
    waiter.reject(error);
  }

  #expire(waiter: Waiter, mayWait: boolean): void {
    if (!this.#waiters.has(waiter)) return;
    if (mayWait && this.#asked.size > 0) {
      setTimeout(() => this.#expire(waiter, false), ANSWER_GRACE_MS);
      return;
    }
    this.#refuse(
      waiter,
      this.options.reachable()
        ? new PlatformError('capacity', 'No instance of the function was free or could be started in time', {
            retryAfterSeconds: 1,
          })
        : new PlatformError('unavailable', 'The node that runs the function is away', { retryAfterSeconds: 1 }),
    );
  }

  /** As many starts as the waiters need beyond those under way. */
  #startAsNeeded(newest?: Waiter): void {
    if (this.#closed || this.#waiters.size === 0) return;
    const pause = this.#pausedUntil - performance.now();
    if (pause > 0) {
      this.#resume ??= setTimeout(() => {
        this.#resume = undefined;
        this.#startAsNeeded();
      }, pause);
      return;
    }
    const { concurrency, maxInstances } = this.options;
    const needed = Math.ceil(this.#waiters.size / concurrency) - this.#asked.size;
    const count = Math.min(needed, maxInstances - this.#leases.size - this.#asked.size);
    if (count <= 0) return;
    // A start is asked for in the name of one who waits and has no start under way.
    const names = newest && count === 1 ? [newest] : [...this.#waiters].slice(-count);
    for (const waiter of names) void this.#start(waiter);
  }

  async #start(waiter: Waiter): Promise<void> {
    const called = new AbortController();
    const { invocationId } = waiter;
    this.#asked.add(called);
    try {
      const deadlineMs = Math.max(1, waiter.deadlineAt - performance.now());
      const grant = await this.options.acquire({ deadlineMs, invocationId, signal: called.signal });
      this.#asked.delete(called);
      this.#welcome(grant);
    } catch (error) {
      this.#asked.delete(called);
      if (!called.signal.aborted) this.#failed(toPlatformError(error), waiter);
    }
    this.#startAsNeeded();
  }

  /** Starts that have not begun are not worth beginning once those who waited were served by others. */
  #callOff(): void {
    this.#surplus = undefined;
    const needed = Math.ceil(this.#waiters.size / this.options.concurrency);
    for (const called of [...this.#asked].slice(needed)) {
      this.#asked.delete(called);
      called.abort();
    }
  }

  #welcome({ lease, start }: Grant<StartFacts>): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    if (!lease.open) return;
    this.#leases.add(lease);
    lease.onEnding = () => this.#drop(lease);
    this.#serve(lease, start);
    if (!lease.hasRoom) return;
    this.#free.push(lease);
    if (lease.inFlight === 0) this.#idle(lease);
    if (this.#closed) this.#release(lease, performance.now());
  }

  /** An agent that is away or drains costs nobody but time; any other failure is the answer of those it was asked for. */
  #failed(error: PlatformError, asker: Waiter): void {
    if (error.code === 'unavailable' || error.code === 'draining') {
      this.#pausedUntil = performance.now() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      return;
    }
    const dueBy = performance.now() + ANSWER_GRACE_MS;
    const late = (error.code === 'capacity' || error.code === 'start_timeout') && asker.deadlineAt <= dueBy;
    let share = this.options.concurrency;
    for (const waiter of this.#waiters) {
      if (share-- <= 0) return;
      // Who came while this start ran out of time has time for another.
      if (late && waiter.deadlineAt > dueBy) return;
      this.#refuse(waiter, error);
    }
  }

  /** One timer for all idle leases, so that the hot path sets none. */
  #idle(lease: Lease): void {
    lease.idleSince = performance.now();
    if (this.#closed) this.#release(lease, lease.idleSince);
    else this.#sweep ??= setTimeout(() => this.#restIdle(), lease.lingerMs).unref();
  }

  /** Parks what has been idle for its time, or gives it back. */
  #restIdle(): void {
    this.#sweep = undefined;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const lease of this.#leases) {
      if (lease.inFlight > 0 || lease.parked) continue;
      const left = lease.waking ? lease.lingerMs : lease.idleSince + lease.lingerMs - now;
      if (left > 0.5) next = Math.min(next, left);
      else if (lease.mayPark && lease.holder.connected) this.#park(lease, now - lease.idleSince);
      else this.#release(lease, now);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#sweep = setTimeout(() => this.#restIdle(), next).unref();
  }

  #park(lease: Lease, idleMs: number): void {
    remove(this.#free, lease);
    this.#parked.push(lease);
    lease.park(idleMs);
  }

  #release(lease: Lease, now: number): void {
    lease.end({ kind: 'release', idleMs: lease.inFlight > 0 ? 0 : Math.max(0, now - lease.idleSince) });
  }
}

function remove(list: Lease[], lease: Lease): void {
  const index = list.lastIndexOf(lease);
  if (index !== -1) list.splice(index, 1);
}
