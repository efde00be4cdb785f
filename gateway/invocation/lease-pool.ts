import { PlatformError } from '../../core/error/platform-error';
import { StartDemand, type Answered, type StartDemandOptions } from '../../core/start/start-demand';
import type { Grant, Lease, StartFacts } from './lease';
import { StartRequests, type Asker, type StartRequestsOptions } from './start-requests';
import { away, stopping, Waiters, type Waiter } from './waiters';

/** What a pool knows of its revision and of the world. */
export interface LeasePoolOptions extends StartDemandOptions {
  /** Bound of instances at once, for this gateway; it may change. */
  readonly maxInstances: () => number;
  readonly acquire: StartRequestsOptions['acquire'];
  /** Starts that the node makes at once: more would only wait there, and could be decided better later. */
  readonly parallelStarts: () => number;
  /** Is there an agent that answers? Decides what a request is told at its deadline. */
  readonly reachable: () => boolean;
  /** Could another node serve who waits here? Then nobody waits for an agent that is away or drains. */
  readonly elsewhere?: () => boolean;
  /** An instance stood by for so long without a request; Unix milliseconds. */
  readonly unused?: (from: number, to: number) => void;
}

/** A start that did not happen: the lease was here. */
const HOT: StartFacts = { kind: 'hot', cause: null, queueMs: 0, sandboxMs: 0, readyMs: 0 };

/** An agent's own answer at the deadline says more than ours: wait this much longer for it. */
const ANSWER_GRACE_MS = 400;
/** While requests wait or starts are under way, the need for starts is looked at again this often. */
const REVIEW_MS = 5;

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
  readonly #waiters = new Waiters();
  readonly #starts: StartRequests;
  readonly #demand: StartDemand;
  #sweep: NodeJS.Timeout | undefined;
  #review: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: LeasePoolOptions) {
    this.#demand = new StartDemand(options);
    this.#starts = new StartRequests({
      acquire: options.acquire,
      granted: (grant) => this.#welcome(grant),
      failed: (error, asker) => this.#failed(error, asker),
      away: (error) => this.#moveOn(error),
      settled: () => this.#startAsNeeded(),
    });
  }

  /** Nothing here and nothing on its way: the pool may be forgotten. */
  get empty(): boolean {
    return this.#leases.size === 0 && this.#waiters.size === 0 && this.#starts.size === 0;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  get acquiring(): number {
    return this.#starts.size;
  }

  get leases(): number {
    return this.#leases.size;
  }

  /** A lease has room, and nobody waits for it; or one sleeps that can be woken. */
  get atHand(): boolean {
    if (this.#waiters.size > 0) return false;
    return this.#free.length > 0 || this.#parked.at(-1)?.holder.connected === true;
  }

  /** How long one more request would wait, milliseconds; 0 as long as nothing is known of it. */
  get waitMs(): number {
    return this.#waiters.size === 0 ? 0 : this.#demand.waitMs(this.#waiters.size + 1, this.#leases.size);
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
    if (this.#closed) return Promise.reject(stopping());
    return new Promise((resolve, reject) => {
      const waiter = this.#waiters.add({
        invocationId,
        deadlineMs,
        signal,
        resolve,
        reject,
        expired: () => this.#expire(waiter, true),
      });
      this.#startAsNeeded(waiter);
    });
  }

  /** A request has left the lease. @param answered null when it was not: its caller left, or the instance failed it */
  give(lease: Lease, answered: Answered | null = null): void {
    lease.inFlight--;
    lease.served++;
    this.#demand.finished(lease, answered, performance.now());
    if (!lease.open) {
      lease.finishIfIdle();
      return;
    }
    this.#serve(lease, lease.waking ?? HOT);
    if (!lease.hasRoom) return;
    if (!this.#free.includes(lease)) this.#free.push(lease);
    if (lease.inFlight === 0) this.#idle(lease);
  }

  /** The agent is away: who waits goes elsewhere, where that is possible. */
  away(): void {
    this.#moveOn(away());
  }

  /** Refuses who waits and gives idle leases back; those in use follow when they are free. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#review);
    this.#waiters.refuseAll(stopping());
    this.#starts.callOff(0);
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
    lease.enter();
    if (lease.inFlight >= lease.concurrency) remove(this.#free, lease);
  }

  /** While the agent is away, whether one that sleeps still exists is not known. */
  #tryWake(invocationId: string, deadlineMs: number): Grant | undefined {
    if (!this.#parked.at(-1)?.holder.connected) return undefined;
    const lease = this.#parked.pop();
    if (!lease) return undefined;
    const others = this.#leases.size - this.#parked.length > 1 || this.#starts.size > 0;
    const start = lease.wake({ invocationId, deadlineMs }, others ? 'burst' : 'expired');
    this.#free.push(lease);
    this.#enter(lease);
    return { lease, start };
  }

  /** Lets waiters in, the longest waiting first, while the lease has room. */
  #serve(lease: Lease, start: Grant['start']): void {
    for (const waiter of this.#waiters) {
      if (!lease.hasRoom) return;
      this.#waiters.remove(waiter);
      this.#enter(lease);
      waiter.resolve({ lease, start });
    }
  }

  #expire(waiter: Waiter, mayWait: boolean): void {
    if (!this.#waiters.has(waiter)) return;
    if (mayWait && this.#starts.size > 0) {
      setTimeout(() => this.#expire(waiter, false), ANSWER_GRACE_MS);
      return;
    }
    this.#waiters.refuse(
      waiter,
      this.options.reachable()
        ? new PlatformError('capacity', 'No instance of the function was free or could be started in time', {
            retryAfterSeconds: 1,
          })
        : away(),
    );
  }

  /** As many starts as the waiters need beyond those under way; looked at again as long as there are any of either. */
  #startAsNeeded(newest?: Waiter): void {
    const starts = this.#starts;
    if (this.#closed || (this.#waiters.size === 0 && starts.size === 0)) return;
    this.#review ??= setTimeout(() => {
      this.#review = undefined;
      this.#callOff();
      this.#startAsNeeded();
    }, REVIEW_MS).unref();
    if (starts.paused || this.#demand.proving(this.#leases, starts.startMs, performance.now())) return;
    const { parallelStarts } = this.options;
    // One that sleeps on a node that is away may be gone with it.
    const away = this.#parked.filter(({ holder }) => !holder.connected).length;
    const room = this.options.maxInstances() - this.#leases.size + away;
    const count = Math.min(this.#needed(), room, Math.max(1, parallelStarts())) - starts.size;
    if (count <= 0) return;
    // A start is asked for in the name of one who waits and has no start under way.
    const names = newest && count === 1 ? [newest] : [...this.#waiters].slice(-count);
    for (const waiter of names) void starts.ask(waiter);
  }

  /** What has begun already is called off only when nobody is left to use it. */
  #callOff(): void {
    const begun = this.#waiters.size > 0 ? this.options.parallelStarts() : 0;
    this.#starts.callOff(Math.max(begun, this.#needed()));
  }

  #needed(): number {
    return this.#demand.needed(this.#waiters.size, this.#leases, this.#starts.startMs, performance.now());
  }

  #welcome({ lease, start }: Grant<StartFacts>): void {
    if (!lease.open) return;
    this.#leases.add(lease);
    lease.onEnding = () => this.#drop(lease);
    lease.onUnused = this.options.unused;
    this.#serve(lease, start);
    if (!lease.hasRoom) return;
    this.#free.push(lease);
    if (lease.inFlight === 0) this.#idle(lease);
    if (this.#closed) this.#release(lease, performance.now());
  }

  #moveOn(error: PlatformError): void {
    if (this.#waiters.size === 0 || this.options.elsewhere?.() !== true) return;
    this.#waiters.refuseAll(error);
    this.#callOff();
  }

  /** The answer of those that it was asked for, which is their share of all that wait. */
  #failed(error: PlatformError, asker: Asker): void {
    const dueBy = performance.now() + ANSWER_GRACE_MS;
    const late = (error.code === 'capacity' || error.code === 'start_timeout') && asker.deadlineAt <= dueBy;
    let share = Math.max(this.options.concurrency, Math.ceil(this.#waiters.size / (this.#starts.size + 1)));
    for (const waiter of this.#waiters) {
      if (share-- <= 0) return;
      // Who came while this start ran out of time has time for another.
      if (late && waiter.deadlineAt > dueBy) return;
      this.#waiters.refuse(waiter, error);
    }
  }

  /** One timer for all idle leases, so that the hot path sets none. */
  #idle(lease: Lease): void {
    lease.standBy();
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
