import { PlatformError } from '../core/error/platform-error';
import type { NodeIntent } from '../core/node/node-state';
import { awaitEnd } from './await-end';
import type { NodeParts } from './node-parts';
import type { DrainRequest, EndedReply } from './rpc/agent-messages';

/** How long instances in use have when the store says that the node is drained. */
const TOLD_DEADLINE_MS = 30_000;

/** Whether the node takes new work. */
export class NodeDrain {
  #draining = false;
  /** The agent itself ends: no order brings it back. */
  #stopping = false;

  constructor(private readonly parts: Pick<NodeParts, 'life' | 'pools' | 'blanks' | 'journal'>) {}

  get draining(): boolean {
    return this.#draining;
  }

  /**
   * No new starts from now on. Leases are withdrawn; all that is free ends.
   * @param reason `drain` when the node goes on without instances, `stopped` when it stops with them
   */
  async begin(request: DrainRequest, reason: 'drain' | 'stopped'): Promise<EndedReply> {
    const { life, pools, blanks, journal } = this.parts;
    const instances = [...life.instances.values()];
    if (!this.#draining) journal.node('draining', { instances: instances.length });
    this.#draining = true;
    if (reason === 'stopped') this.#stopping = true;
    void blanks.close();
    for (const pool of pools.all()) {
      pools.ledger.refuse(pool, drainingError());
      pools.retire(pool, reason);
    }
    for (const instance of instances) {
      if (instance.role === 'template' && instance.state === 'idle') void life.end(instance, reason);
    }
    return awaitEnd(instances, request.deadlineMs);
  }

  /** What was decided for the node, as its heartbeats are told: one that was drained takes work again, or the other way round. */
  follow(intent: NodeIntent): void {
    if (this.#stopping) return;
    if (intent === 'drained' && !this.#draining) void this.begin({ deadlineMs: TOLD_DEADLINE_MS }, 'drain');
    else if (this.#draining && (intent === 'ready' || intent === 'cordoned')) {
      this.#draining = false;
      this.parts.blanks.open();
      this.parts.journal.node('resumed', {});
    }
  }

  /** The agent ends. */
  stop(): void {
    this.#draining = this.#stopping = true;
  }

  /** @throws PlatformError draining */
  refuseNew(): void {
    if (this.#draining) throw drainingError();
  }
}

function drainingError(): PlatformError {
  return new PlatformError('draining', 'The node takes no new work', { retryAfterSeconds: 5 });
}
