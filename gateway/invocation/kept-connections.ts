import type { Endpoint } from '../../drivers/sandbox/sandbox';
import { UpstreamPool } from '../upstream/upstream-pool';

/** More than the agent keeps instances of; past it the oldest are closed. */
const MAX_KEPT = 1_000;
/** As long as an instance may sleep. The runtime shims never close an idle connection of their own accord. */
const IDLE_MS = 3_600_000;

/** An instance and where it listens. */
export interface Whereabouts {
  readonly instanceId: string;
  readonly endpoint: Endpoint;
}

interface Kept {
  readonly connections: UpstreamPool;
  readonly where: string;
}

/**
 * Connections to instances that were given back, kept for the next lease of the same one: connecting anew would be a
 * third of a warm start. They sleep with the instance; one that it closes, or that ends with it, is forgotten.
 */
export class KeptConnections {
  readonly #kept = new Map<string, Kept>();

  /** How many instances have kept connections. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The connections kept for an instance, else new ones, made when first used.
   * @param keepable they will be kept: idle ones stay open for an hour instead of 4 s
   */
  take({ instanceId, endpoint }: Whereabouts, keepable: boolean): UpstreamPool {
    const kept = this.#kept.get(instanceId);
    if (kept?.where === placeOf(endpoint)) {
      this.#forget(instanceId, kept);
      return kept.connections;
    }
    void this.drop(instanceId);
    return new UpstreamPool(endpoint, keepable ? IDLE_MS : undefined);
  }

  /** Keeps connections on which nothing is in flight. */
  keep({ instanceId, endpoint }: Whereabouts, connections: UpstreamPool): void {
    connections.onLost = () => void this.drop(instanceId);
    this.#kept.set(instanceId, { connections, where: placeOf(endpoint) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) void this.drop(oldest);
  }

  /** Closes what is kept for an instance; resolves when the connections are closed. */
  async drop(instanceId: string): Promise<void> {
    const kept = this.#kept.get(instanceId);
    if (!kept) return;
    this.#forget(instanceId, kept);
    await kept.connections.destroy();
  }

  dropAll(): void {
    for (const instanceId of [...this.#kept.keys()]) void this.drop(instanceId);
  }

  #forget(instanceId: string, kept: Kept): void {
    this.#kept.delete(instanceId);
    kept.connections.onLost = undefined;
  }
}

function placeOf(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host} ${endpoint.port}`;
}
