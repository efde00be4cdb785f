import type { Endpoint } from '../../drivers/sandbox/sandbox';
import type { AcquireReply } from '../../agent/rpc/agent-messages';
import type { UpstreamPool } from '../upstream/upstream-pool';

/** Who a lease tells of its end: the link to the agent that gave it. */
export interface LeaseHolder {
  readonly node: string;
  /** The route is gone, and its connections are closed or the holder's to keep. */
  ended(lease: Lease, end: LeaseEnd): void;
}

/** Why a lease ends: given back, asked back, broken, or its instance is no more. */
export type LeaseEnd =
  | { readonly kind: 'release'; readonly idleMs: number }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'gone' };

/**
 * An instance that this gateway may use alone, with the connections to it. `open` takes requests; a lease that is
 * `ending` finishes what is in flight and then tells its holder; `ended` is over.
 */
export class Lease {
  /** Requests on it now. */
  inFlight = 0;
  /** Requests answered by it. */
  served = 0;
  /** When the last request left it, milliseconds of `performance.now()`. */
  idleSince = 0;
  readonly instanceId: string;
  readonly endpoint: Endpoint;
  readonly lingerMs: number;
  /** Called once, when the lease stops taking requests. */
  onEnding: (() => void) | undefined;
  #end: LeaseEnd | undefined;
  #ended = false;

  constructor(
    readonly holder: LeaseHolder,
    reply: Pick<AcquireReply, 'instanceId' | 'endpoint' | 'lingerMs'>,
    readonly concurrency: number,
    readonly connections: UpstreamPool,
    /** It is given back with its connections open, for the next lease of the same instance; its holder has them then. */
    readonly keepsConnections: boolean,
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

  /** No new requests; over as soon as nothing is in flight. A fault outweighs what was decided before it. */
  end(end: LeaseEnd): void {
    if (this.#ended) return;
    const first = this.#end === undefined;
    if (first || end.kind === 'gone' || (end.kind === 'fault' && this.#end?.kind !== 'gone')) this.#end = end;
    if (first) this.onEnding?.();
    this.finishIfIdle();
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
    if (end.kind === 'release' && this.keepsConnections) {
      this.holder.ended(this, end);
      return;
    }
    // An instance is frozen as soon as it is given back: no connection may be half open then.
    void this.connections.destroy().finally(() => this.holder.ended(this, end));
  }
}
