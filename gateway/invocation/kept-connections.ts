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
    this.#drop(instanceId);
    return new UpstreamPool(endpoint, keepable ? IDLE_MS : undefined);
  }

  /** Keeps connections on which nothing is in flight. */
  keep({ instanceId, endpoint }: Whereabouts, connections: UpstreamPool): void {
    connections.onLost = () => this.#drop(instanceId);
    this.#kept.set(instanceId, { connections, where: placeOf(endpoint) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#drop(oldest);
  }

  dropAll(): void {
    for (const instanceId of [...this.#kept.keys()]) this.#drop(instanceId);
  }

  /** Closes what is kept for an instance, if anything is. */
  #drop(instanceId: string): void {
    const kept = this.#kept.get(instanceId);
    if (!kept) return;
    this.#forget(instanceId, kept);
    void kept.connections.destroy();
  }

  #forget(instanceId: string, kept: Kept): void {
    this.#kept.delete(instanceId);
    kept.connections.onLost = undefined;
  }
}

function placeOf(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpoint.path : `${endpoint.host} ${endpoint.port}`;
}
