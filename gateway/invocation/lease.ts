import { Pool, type Dispatcher } from 'undici';
import type { AcquireReply } from '../../agent/rpc/agent-messages';
import type { Endpoint } from '../../drivers/sandbox/sandbox';

/** Who a lease tells of its end: the link to the agent that gave it. */
export interface LeaseHolder {
  readonly node: string;
  /** The route is gone and its connections are closed. */
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
  readonly lingerMs: number;
  readonly connections: Dispatcher;
  /** Called once, when the lease stops taking requests. */
  onEnding: (() => void) | undefined;
  #end: LeaseEnd | undefined;
  #ended = false;

  constructor(
    readonly holder: LeaseHolder,
    reply: Pick<AcquireReply, 'instanceId' | 'endpoint' | 'lingerMs'>,
    readonly concurrency: number,
  ) {
    this.instanceId = reply.instanceId;
    this.lingerMs = reply.lingerMs;
    this.connections = connectionsTo(reply.endpoint, concurrency);
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
      void this.connections.close();
      return;
    }
    // An instance is frozen as soon as it is given back: no connection may be half open then.
    void this.connections.destroy().finally(() => this.holder.ended(this, end));
  }
}

/** Only the clocks of the function's manifest count, so the pool's own are off. */
function connectionsTo(endpoint: Endpoint, concurrency: number): Pool {
  const options = { connections: concurrency, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 };
  return endpoint.kind === 'unix'
    ? new Pool('http://localhost', { ...options, socketPath: endpoint.path })
    : new Pool(
        `http://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`,
        options,
      );
}
