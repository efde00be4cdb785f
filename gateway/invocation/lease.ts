import type { AcquireReply } from '../../agent/rpc/agent-messages';
import type { InstanceWay } from '../../agent/rpc/instance-way';
import { pricingFor } from '../../core/cost/pricing';
import type { Place } from '../../core/network/latency-matrix';
import type { StartCause } from '../../core/start/start';
import type { UpstreamPool } from '../upstream/upstream-pool';

/** What an agent tells about the start that brought an instance, or woke it. */
export type StartFacts = Pick<AcquireReply, 'kind' | 'cause' | 'queueMs' | 'sandboxMs' | 'readyMs'>;

/** Who a lease tells of its changes: the link to the agent that gave it. */
export interface LeaseHolder {
  readonly node: string;
  /** Where that node stands. */
  readonly place: Place;
  /** Can the agent be told? */
  readonly connected: boolean;
  /** The route is gone, and its connections are closed. */
  ended(lease: Lease, end: LeaseEnd): void;
  /** Nothing is in flight, and the lease stays for the next request. @param idleMs how long nothing was */
  parked(lease: Lease, idleMs: number): void;
  /** @throws PlatformError when the instance is not to be had any more; the lease ends then */
  wake(lease: Lease, request: { deadlineMs: number; invocationId: string }): Promise<StartFacts>;
}

/** Why a lease ends: given back, asked back, broken, or its instance is no more (`unread`: without having run since it slept). */
export type LeaseEnd =
  | { readonly kind: 'release'; readonly idleMs: number }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'gone'; readonly unread: boolean };

/** Regions that are remembered of each lease. */
const MOST_PRICINGS = 100;

/** The instance has ended in its sleep: what was sent to it has been read by nobody, and may be sent to another. */
export class EndedAsleep extends Error {
  constructor() {
    super('the instance ended in its sleep');
  }
}

/**
 * An instance that this gateway may use alone, with the connections to it. `open` takes requests; a lease that is
 * `ending` finishes what is in flight and then tells its holder; `ended` is over. Between requests it may be parked: its
 * instance sleeps then, and is woken by the next request.
 */
export class Lease {
  /** Requests on it now. */
  inFlight = 0;
  /** Requests answered since it was granted or woken. */
  served = 0;
  /** When the last request left it, milliseconds of `performance.now()`. */
  idleSince = 0;
  /** When it last finished a request, or began one after doing nothing; on the same clock. */
  movedAt = 0;
  /** The instance may be frozen, and is the agent's to end. */
  parked = false;
  /** Said by the agent of a parked one: it is frozen, and reads nothing before it is woken. */
  asleep = false;
  /** It is being woken; settles when that is known to have happened or not. */
  waking: Promise<StartFacts> | undefined;
  /** Why it had to be woken, as far as this gateway can know: the agent has the last word. */
  wakingCause: StartCause = 'expired';
  readonly instanceId: string;
  readonly endpoint: InstanceWay;
  readonly lingerMs: number;
  /** Called once, when the lease stops taking requests. */
  onEnding: (() => void) | undefined;
  /** Told how long nothing was in flight while the instance stood by; Unix milliseconds. */
  onUnused: ((from: number, to: number) => void) | undefined;
  #unusedSince: number | null = null;
  /** Of calls that no users make, by where they come from. */
  readonly #pricings = new Map<string | null, string>();
  #end: LeaseEnd | undefined;
  #ended = false;

  /**
   * @param mayPark an idle lease is parked instead of given back
   * @param pricing by what users' calls on it are priced; null: by nothing
   */
  constructor(
    readonly holder: LeaseHolder,
    reply: Pick<AcquireReply, 'instanceId' | 'endpoint' | 'lingerMs'>,
    readonly concurrency: number,
    readonly connections: UpstreamPool,
    readonly mayPark: boolean,
    private readonly pricing: string | null = null,
  ) {
    this.instanceId = reply.instanceId;
    this.endpoint = reply.endpoint;
    this.lingerMs = reply.lingerMs;
  }

  get open(): boolean {
    return this.#end === undefined;
  }

  get hasRoom(): boolean {
    return this.#end === undefined && this.inFlight < this.concurrency;
  }

  /** By what a call on it is priced; null: by nothing. @param callerRegion as that of a pricing: undefined: a user calls */
  pricingFor(callerRegion: string | null | undefined): string | null {
    if (callerRegion === undefined || this.pricing === null) return this.pricing;
    let pricing = this.#pricings.get(callerRegion);
    if (pricing === undefined) {
      if (this.#pricings.size >= MOST_PRICINGS) this.#pricings.clear();
      this.#pricings.set(callerRegion, (pricing = pricingFor(this.pricing, callerRegion)));
    }
    return pricing;
  }

  /** A request begins. */
  enter(): void {
    if (this.inFlight === 0) {
      this.movedAt = performance.now();
      this.#used();
    }
    this.inFlight++;
  }

  /** Nothing is in flight from now on, and it stands by for the next request. */
  standBy(): void {
    this.idleSince = performance.now();
    // An agent that is away may have taken the instance back, and count it itself.
    if (this.holder.connected) this.#unusedSince = Date.now();
  }

  /** The agent is away: what becomes of the instance is not told. */
  unheard(): void {
    this.asleep = false;
    this.#used();
  }

  /** Lets the instance sleep until `wake`. */
  park(idleMs: number): void {
    this.#used();
    this.parked = true;
    this.holder.parked(this, idleMs);
    this.served = 0;
  }

  /**
   * A request for a parked instance. Where that is asleep, the request may be sent before the promise settles: it is read
   * when the instance is woken, or not at all (`EndedAsleep`). Else it may have been read when the promise fails.
   */
  wake(request: { deadlineMs: number; invocationId: string }, cause: StartCause): Promise<StartFacts> {
    this.parked = false;
    this.wakingCause = cause;
    const woken = this.holder.wake(this, request).finally(() => {
      this.waking = undefined;
      this.asleep = false;
    });
    this.waking = woken.catch((error: unknown) => {
      throw this.#end?.kind === 'gone' && this.#end.unread ? new EndedAsleep() : error;
    });
    // Whoever asked may have left meanwhile.
    this.waking.catch(() => undefined);
    return this.waking;
  }

  /** No new requests; over as soon as nothing is in flight. A fault outweighs what was decided before it. */
  end(end: LeaseEnd): void {
    if (this.#ended) return;
    const first = this.#end === undefined;
    if (first || end.kind === 'gone' || (end.kind === 'fault' && this.#end?.kind !== 'gone')) this.#end = end;
    if (first) {
      this.#used();
      this.onEnding?.();
    }
    this.finishIfIdle();
  }

  /** It stands by no longer. */
  #used(): void {
    const since = this.#unusedSince;
    this.#unusedSince = null;
    if (since !== null) this.onUnused?.(since, Date.now());
  }

  /** Called when a request has left an ending lease. */
  finishIfIdle(): void {
    const end = this.#end;
    if (end === undefined || this.#ended || (this.inFlight > 0 && end.kind !== 'gone')) return;
    this.#ended = true;
    if (end.kind === 'gone') {
      this.holder.ended(this, end);
      // What is in flight may still have bytes to read; it ends by itself.
      this.connections.close();
      return;
    }
    // An instance is frozen as soon as it is given back: no connection may be half open then.
    void this.connections.destroy().finally(() => this.holder.ended(this, end));
  }
}

/** How a request got its instance; a promise while that is being woken. */
export interface Grant<Start = StartFacts | Promise<StartFacts>> {
  readonly lease: Lease;
  readonly start: Start;
}
