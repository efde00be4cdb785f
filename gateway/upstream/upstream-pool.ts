import type { Endpoint } from '../../drivers/sandbox/sandbox';
import {
  UpstreamConnection,
  type ConnectionOwner,
  type Dial,
  type UpstreamHandler,
  type UpstreamRequest,
} from './upstream-connection';

/** What idle connections are trusted to live, and how long before a server's own time-out they are left alone. */
const DEFAULT_IDLE_MS = 4_000;
const IDLE_MARGIN_MS = 1_000;

/**
 * The connections to one instance. As many as there are requests in flight: the lease bounds them. It does what a general
 * HTTP client does for this one case, and no more: that halves what a request costs the gateway (docs/adr/0010).
 */
export class UpstreamPool implements ConnectionOwner {
  /** Called when a connection was lost on which nothing was in flight. */
  onLost: (() => void) | undefined;
  readonly #all = new Set<UpstreamConnection>();
  /** The most recently used last. */
  readonly #idle: UpstreamConnection[] = [];
  #closing = false;
  #onEmpty: (() => void) | undefined;

  /** @param idleMs how long an idle connection may be used again; default 4 s or what the server says */
  constructor(
    private readonly target: Endpoint | Dial,
    private readonly idleMs?: number,
  ) {}

  /** Connections that are open or being opened. */
  get size(): number {
    return this.#all.size;
  }

  /** Sends a request; the handler hears of it, perhaps before this returns. */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): void {
    // One for a WebSocket is never used again, whatever the answer: an idle one would be wasted on it.
    const idle = request.webSocket ? undefined : this.#takeIdle();
    (idle ?? this.#open()).send(request, handler);
  }

  /** No idle connection stays, and those in use close after their request. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  /** Closes every connection; resolves when all are closed. What is in flight fails. */
  async destroy(): Promise<void> {
    this.#closing = true;
    if (this.#all.size === 0) return;
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const connection of this.#all) connection.destroy();
    await empty;
  }

  freed(connection: UpstreamConnection): void {
    if (this.#closing) {
      connection.destroy();
      return;
    }
    connection.idleSince = performance.now();
    this.#idle.push(connection);
  }

  closed(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) {
      this.#idle.splice(index, 1);
      this.onLost?.();
    }
    if (this.#all.size === 0) this.#onEmpty?.();
  }

  #open(): UpstreamConnection {
    const connection = new UpstreamConnection(this.target, this);
    this.#all.add(connection);
    return connection;
  }

  #takeIdle(): UpstreamConnection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (performance.now() - connection.idleSince < this.#trustedMs(connection)) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #trustedMs({ serverIdleMs }: UpstreamConnection): number {
    if (this.idleMs !== undefined) return this.idleMs;
    return serverIdleMs === undefined ? DEFAULT_IDLE_MS : Math.min(DEFAULT_IDLE_MS, serverIdleMs - IDLE_MARGIN_MS);
  }
}
