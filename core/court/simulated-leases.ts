import { StartDemand } from '../start/start-demand';
import { EVENTS } from './event-queue';
import type { SimulatedInstance, SimulatedStart } from './simulated-instance';
import type { SimulatedPool } from './simulated-pool';
import type { Simulation } from './simulation';

/** While calls wait, what they need is looked at again: at first after so long, then each time twice as late. */
const FIRST_REVIEW_MS = 5;
const LAST_REVIEW_MS = 1_280;
/** Of each start in the average of what a start takes. */
const LEARNING_RATE = 0.3;
/** A lease that wakes is looked at again when this much of a millisecond is left of its rest. */
const ROUNDING_MS = 0.5;

/**
 * What the gateway holds of one function: the instances that it leases, and the calls that wait for one. A call takes the
 * most recently used instance with a free place, else the last one that sleeps; else it waits, and whichever comes first
 * serves the longest waiter: an instance that another call leaves, or one that is started.
 */
export class SimulatedLeases {
  readonly #leases = new Set<SimulatedInstance>();
  /** With a free place, the most recently used last. */
  readonly #free: SimulatedInstance[] = [];
  /** Those that sleep, the last one last. */
  readonly #parked: SimulatedInstance[] = [];
  /** Calls that wait, from `#first` on. */
  #waiters: number[] = [];
  #first = 0;
  /** Wishes that the agent has not granted yet. */
  #asked = 0;
  #startMs: number | null = null;
  #sweeping = false;
  #reviewing = false;
  #reviewMs = FIRST_REVIEW_MS;
  readonly #demand: StartDemand;

  constructor(
    private readonly index: number,
    private readonly pool: SimulatedPool,
    private readonly simulation: Simulation,
    /** Which instance serves a call. */
    private readonly serverOf: Int32Array,
  ) {
    const { cores } = pool.node.facts;
    this.#demand = new StartDemand({ concurrency: pool.fn.warm.concurrency, cores: () => cores });
  }

  arrive(call: number): void {
    const lease = this.#waiting > 0 ? undefined : (this.#free.at(-1) ?? this.#wakeParked());
    if (lease) {
      this.#enter(lease, call, lease.waking);
      return;
    }
    this.#waiters.push(call);
    this.#reviewMs = FIRST_REVIEW_MS;
    this.#startAsNeeded();
  }

  /** A call has left the instance. */
  give(lease: SimulatedInstance, call: number): void {
    const { now, court } = this.simulation;
    const cpuMs = court.calls.cpuMs?.[call];
    lease.inFlight--;
    lease.served++;
    this.#demand.finished(lease, { cpuMicros: cpuMs === undefined ? null : cpuMs * 1000 }, now);
    this.#serve(lease, lease.waking);
    if (!this.#hasRoom(lease)) return;
    if (!this.#free.includes(lease)) this.#free.push(lease);
    if (lease.inFlight === 0) this.#idle(lease);
    this.#startAsNeeded();
  }

  /** The agent grants a wish. @param start that was waited for; null where it was running before */
  welcome(instance: SimulatedInstance, start: SimulatedStart | null): void {
    this.#asked--;
    if (start && start.kind !== 'warm') this.#learn(start.ready - start.begun);
    this.#leases.add(instance);
    instance.served = 0;
    this.#serve(instance, start);
    if (this.#hasRoom(instance)) {
      this.#free.push(instance);
      if (instance.inFlight === 0) this.#idle(instance);
    }
    this.#startAsNeeded();
  }

  /** One that sleeps in this gateway's name has ended, or the agent has another use for it. */
  forget(instance: SimulatedInstance): void {
    instance.parked = false;
    this.#leases.delete(instance);
    remove(this.#parked, instance);
    this.#startAsNeeded();
  }

  /** Parks what nothing has used for the time that a gateway keeps it, or gives it back. */
  sweep(): void {
    this.#sweeping = false;
    const { now, court } = this.simulation;
    const { linger } = court.delays;
    let next = Infinity;
    for (const lease of [...this.#leases]) {
      if (lease.inFlight > 0 || lease.parked || !this.#leases.has(lease)) continue;
      const left = lease.waking ? linger : lease.idleSince + linger - now;
      if (left > ROUNDING_MS) next = Math.min(next, left);
      else this.#rest(lease);
    }
    if (next < Infinity) this.#sweepIn(next);
  }

  /** Looks again at what those who wait need. */
  review(): void {
    this.#reviewing = false;
    this.#reviewMs = Math.min(LAST_REVIEW_MS, 2 * this.#reviewMs);
    const begun = this.#waiting > 0 ? this.pool.node.parallelStarts : 0;
    const surplus = this.#asked - Math.max(begun, this.#needed());
    if (surplus > 0) this.#asked -= this.pool.callOff(surplus);
    this.#startAsNeeded();
  }

  get #waiting(): number {
    return this.#waiters.length - this.#first;
  }

  #hasRoom(lease: SimulatedInstance): boolean {
    return lease.inFlight < this.pool.fn.warm.concurrency;
  }

  #wakeParked(): SimulatedInstance | undefined {
    const lease = this.#parked.pop();
    if (!lease) return undefined;
    lease.served = 0;
    lease.waking = this.pool.wakeParked(lease);
    this.#free.push(lease);
    return lease;
  }

  #enter(lease: SimulatedInstance, call: number, start: SimulatedStart | null): void {
    const { now, queue, outcomes, ranking } = this.simulation;
    if (lease.inFlight === 0) {
      lease.movedAt = now;
      lease.hold('busy', now);
    }
    lease.inFlight++;
    if (!this.#hasRoom(lease)) remove(this.#free, lease);
    if (ranking) lease.worth = ranking.used(this.pool.fn.warm);
    this.pool.rate.note(now);
    this.serverOf[call] = lease.index;
    outcomes.serve(call, lease.waking ? lease.waking.ready : now, start);
    queue.add(outcomes.endAt[call] as number, EVENTS.ended, call);
  }

  /** Lets waiters in, the longest waiting first, while there is room. */
  #serve(lease: SimulatedInstance, start: SimulatedStart | null): void {
    while (this.#waiting > 0 && this.#hasRoom(lease)) {
      this.#enter(lease, this.#waiters[this.#first++] as number, start);
    }
    if (this.#waiting === 0 && this.#first > 0) {
      this.#waiters = [];
      this.#first = 0;
    }
  }

  #startAsNeeded(): void {
    if (this.#waiting === 0 && this.#asked === 0) return;
    const { now, queue } = this.simulation;
    if (!this.#reviewing) {
      this.#reviewing = true;
      queue.add(now + this.#reviewMs, EVENTS.review, this.index);
    }
    if (this.#waiting === 0 || this.#demand.proving(this.#leases, this.#startMs, now)) return;
    const room = this.pool.fn.warm.max - this.#leases.size;
    const most = Math.max(1, this.pool.node.parallelStarts);
    const count = Math.min(this.#needed(), room, most) - this.#asked;
    // All are counted before the first is asked for: it may be granted at once.
    if (count > 0) this.#asked += count;
    for (let asked = 0; asked < count; asked++) this.pool.acquire();
  }

  #needed(): number {
    return this.#demand.needed(this.#waiting, this.#leases, this.#startMs, this.simulation.now);
  }

  #learn(ms: number): void {
    this.#startMs = this.#startMs === null ? ms : this.#startMs + (ms - this.#startMs) * LEARNING_RATE;
  }

  #idle(lease: SimulatedInstance): void {
    const { now, court } = this.simulation;
    lease.idleSince = now;
    lease.hold('running', now);
    if (!this.#sweeping) this.#sweepIn(court.delays.linger);
  }

  #sweepIn(ms: number): void {
    this.#sweeping = true;
    this.simulation.queue.add(this.simulation.now + ms, EVENTS.sweep, this.index);
  }

  #rest(lease: SimulatedInstance): void {
    remove(this.#free, lease);
    // Here before it sleeps: the room that it gives up may cost it its life at once.
    this.#parked.push(lease);
    if (!this.pool.park(lease)) {
      remove(this.#parked, lease);
      this.#leases.delete(lease);
      this.pool.giveBack(lease);
    }
  }
}

function remove(list: SimulatedInstance[], lease: SimulatedInstance): void {
  const index = list.lastIndexOf(lease);
  if (index !== -1) list.splice(index, 1);
}
