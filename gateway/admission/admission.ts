import { FairQueue, type Flow } from '../../core/admission/fair-queue';
import { QueueDelay } from '../../core/admission/queue-delay';
import type { Share, Sharer } from '../../core/admission/share';
import type { LinePlace } from '../../core/admission/waiting-line';
import { PlatformError } from '../../core/error/platform-error';

export interface AdmissionOptions {
  /** Requests in flight at once, over all tenants. */
  readonly maxInFlight: number;
  /** What a tenant is entitled to now. */
  readonly shareOf: (tenant: string) => Share;
  readonly queue: {
    readonly maxPerFunction: number;
    readonly maxTotal: number;
    /** A wait up to this is no sign of overload, in milliseconds. */
    readonly target: number;
    /** Overloaded is a function in whose queue every wait of so long a time was longer, in milliseconds. */
    readonly interval: number;
  };
  /** Shares caps with other gateways, where there are any; else each gateway's caps are its own. */
  readonly caps?: AdmissionCaps;
}

/** What the door tells whoever shares its caps. */
export interface AdmissionCaps {
  /** The cap of one begins, or ends, to be shared. */
  follow(sharer: Sharer): void;
  /** Somebody waits for a place of it. */
  wanted(sharer: Sharer): void;
}

/** The function that a request is for, and what it is entitled to within its tenant. */
export interface Admittee {
  readonly tenant: string;
  readonly functionId: string;
  readonly share: Share;
}

/** Why a request that waited, or would have, was sent away. */
export const SHED_REASONS = ['queue_full', 'overload', 'pushed_out', 'deadline'] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

interface Waiter {
  readonly admit: (place: Place) => void;
  readonly refuse: (error: PlatformError) => void;
}

/** A request's place in the gateway, given back with `leave`. */
export type Place = Flow<Waiter>;

/** Clients that were told to come back are told so no later than this, in seconds. */
const LONGEST_RETRY_S = 30;

/**
 * The door of the invocation path. A request has one of a bounded number of places from before it asks for an instance
 * until its answer, its stream or its connection is over; who finds none waits in the queue of its function. Places go
 * round fairly between tenants. Where the queues are full, or one stands, the newest of those who have not begun go first.
 */
export class Admission {
  readonly #queue: FairQueue<Waiter>;
  readonly #delays = new WeakMap<Place, QueueDelay>();
  readonly #shed: Record<ShedReason, number> = { queue_full: 0, overload: 0, pushed_out: 0, deadline: 0 };
  #closed = false;

  constructor(private readonly options: AdmissionOptions) {
    const { maxInFlight, shareOf, caps } = options;
    this.#queue = new FairQueue(maxInFlight, shareOf, (sharer) => caps?.follow(sharer));
  }

  /** Requests that wait for a place. */
  get queued(): number {
    return this.#queue.waiting;
  }

  /** Places taken. */
  get inFlight(): number {
    return this.#queue.inFlight;
  }

  /** Requests sent away so far, by reason. */
  get shed(): Readonly<Record<ShedReason, number>> {
    return this.#shed;
  }

  /** A place at once, or nothing: the hot path's door. */
  tryEnter({ tenant, functionId, share }: Admittee): Place | undefined {
    const flow = this.#queue.flow(tenant, functionId, share);
    return this.#queue.tryEnter(flow) ? flow : undefined;
  }

  /**
   * Waits for a place.
   * @param deadlineMs from now
   * @param signal takes the request out of the queue; the promise then rejects with whatever
   * @throws PlatformError capacity when the queue is full or stands, or at the deadline; draining when the gateway stops
   */
  wait({ tenant, functionId, share }: Admittee, deadlineMs: number, signal: AbortSignal): Promise<Place> {
    const now = performance.now();
    const flow = this.#queue.flow(tenant, functionId, share);
    if (this.#closed) return Promise.reject(stopping());
    const refusal = this.#refusal(flow, now);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const line: LinePlace<Waiter> = this.#queue.enqueue(
        flow,
        {
          admit: (place) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', onAbort);
            resolve(place);
          },
          refuse: (error) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', onAbort);
            reject(error);
          },
        },
        now,
      );
      const stepOut = (error: PlatformError): void => {
        if (this.#queue.remove(flow, line)) line.who.refuse(error);
      };
      const onAbort = (): void => stepOut(new PlatformError('internal', 'The caller has left'));
      const timer = setTimeout(
        () => stepOut(this.#sheds('deadline', flow, 'No place for the request was free in time')),
        Math.max(1, deadlineMs),
      );
      signal.addEventListener('abort', onAbort);
      this.options.caps?.wanted(flow);
      this.options.caps?.wanted(flow.tenant);
    });
  }

  /** Other gateways have left more to this one. */
  widened(): void {
    this.#admit();
  }

  /** A request is over. */
  leave(place: Place): void {
    this.#queue.leave(place);
    this.#admit();
  }

  /**
   * The shares of tenants have changed, or the functions with reservations have.
   * @param tenants those with reservations
   */
  entitle(tenants: Iterable<string>, reserved: readonly Admittee[]): void {
    this.#queue.entitle(tenants);
    for (const { tenant, functionId, share } of reserved) this.#queue.flow(tenant, functionId, share);
    this.#queue.tidy(new Set(reserved.map(({ functionId }) => functionId)));
    this.#admit();
  }

  /** Sends away who waits and who comes; who is in flight goes on. */
  close(): void {
    this.#closed = true;
    for (let flow = this.#queue.longest(); flow; flow = this.#queue.longest()) this.#dropNewest(flow, stopping());
  }

  #admit(): void {
    if (this.#queue.waiting === 0) return;
    const now = performance.now();
    for (let next = this.#queue.next(); next; next = this.#queue.next()) {
      const { flow, place } = next;
      const delay = this.#delay(flow);
      delay.observe(now - place.since, now);
      if (flow.waiting === 0) delay.observe(0, now);
      place.who.admit(flow);
    }
  }

  /** The newest is refused; which newest that is depends on where the queue is longest. */
  #refusal(flow: Place, now: number): PlatformError | undefined {
    const { maxPerFunction, maxTotal } = this.options.queue;
    if (flow.waiting >= maxPerFunction) {
      return this.#sheds('queue_full', flow, `${flow.waiting} requests for the function wait already`);
    }
    if (this.#delay(flow).stands(flow.line.oldest?.since, now)) {
      return this.#sheds('overload', flow, 'More requests for the function come than it gets through');
    }
    if (this.#queue.waiting < maxTotal) return undefined;
    // Who waits little is not sent away for the sake of who waits much.
    const yielding = this.#queue.yielding(flow);
    if (!yielding) {
      return this.#sheds('queue_full', flow, `${this.#queue.waiting} requests wait at this gateway already`);
    }
    this.#dropNewest(yielding, this.#sheds('pushed_out', yielding, 'Requests for others had waited for less'));
    return undefined;
  }

  #dropNewest(flow: Place, error: PlatformError): void {
    const newest = flow.line.newest;
    if (newest && this.#queue.remove(flow, newest)) newest.who.refuse(error);
  }

  /** Comes back when those who wait now may be through: they have shown how long that takes. */
  #sheds(reason: ShedReason, flow: Place, message: string): PlatformError {
    this.#shed[reason]++;
    const oldest = flow.line.oldest;
    const waitedS = oldest === undefined ? 0 : (performance.now() - oldest.since) / 1_000;
    return new PlatformError('capacity', message, {
      retryAfterSeconds: Math.min(LONGEST_RETRY_S, Math.max(1, Math.ceil(waitedS))),
      hint: 'Come back after Retry-After. If this lasts, raise spec.scale.max, spec.concurrency or the tenant’s limits.',
    });
  }

  #delay(flow: Place): QueueDelay {
    let delay = this.#delays.get(flow);
    if (!delay) {
      const { target, interval } = this.options.queue;
      delay = new QueueDelay(target, interval);
      this.#delays.set(flow, delay);
    }
    return delay;
  }
}

function stopping(): PlatformError {
  return new PlatformError('draining', 'The gateway is stopping', { retryAfterSeconds: 1 });
}
