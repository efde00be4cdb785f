import { PlatformError } from '../../core/error/platform-error';
import type { AgentLink } from './agent-link';
import { chooseNode } from './choose-node';
import { LeasePool } from './lease-pool';
import type { RevisionRoute } from './revision-route';
import type { RunSpecSource } from './run-spec-source';

/** How often pools that nobody uses are forgotten. */
const TIDY_EVERY_MS = 60_000;

/** The lease pools of all revisions, and the agents that fill them. */
export class InstanceBroker {
  readonly #pools = new Map<string, LeasePool>();
  readonly #tidy: NodeJS.Timeout;
  #closed = false;

  constructor(
    private readonly links: readonly AgentLink[],
    private readonly runSpecs: Pick<RunSpecSource, 'of' | 'forget'>,
  ) {
    this.#tidy = setInterval(() => this.#forgetEmpty(), TIDY_EVERY_MS);
    this.#tidy.unref();
  }

  /** The pool of a revision; made at its first request. */
  poolOf(route: RevisionRoute): LeasePool {
    const { revision } = route;
    let pool = this.#pools.get(revision.id);
    if (!pool) {
      pool = new LeasePool({
        concurrency: route.concurrency,
        maxInstances: route.maxInstances,
        parallelStarts: () => this.#sum((link) => link.parallelStarts),
        cores: () => this.#sum((link) => link.cores),
        reachable: () => this.links.some((link) => link.connected),
        acquire: async (request) => {
          const link = chooseNode(this.links);
          if (!link) throw new PlatformError('capacity', 'No node is configured');
          const { concurrency, keepsConnections } = route;
          return link.acquire(
            { runSpecJson: await this.runSpecs.of(revision), concurrency, keepsConnections },
            request,
          );
        },
      });
      this.#pools.set(revision.id, pool);
      if (this.#closed) pool.close();
    }
    return pool;
  }

  /** Cold starts so far that a runtime booted ahead has shortened, over all nodes. */
  get blankStarts(): number {
    return this.links.reduce((sum, link) => sum + link.blankStarts, 0);
  }

  /** Leases held now, over all nodes. */
  get leases(): number {
    return this.links.reduce((sum, link) => sum + link.leases, 0);
  }

  /** Gives every idle lease back, the others when they are free. Resolves when none is left, or after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    clearInterval(this.#tidy);
    for (const pool of this.#pools.values()) pool.close();
    const end = performance.now() + graceMs;
    while (this.leases > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const link of this.links) link.close();
  }

  /** Over the nodes that can be asked. */
  #sum(of: (link: AgentLink) => number): number {
    return this.links.reduce((sum, link) => sum + (link.connected ? of(link) : 0), 0);
  }

  #forgetEmpty(): void {
    for (const [revisionId, pool] of this.#pools) {
      if (!pool.empty) continue;
      this.#pools.delete(revisionId);
      this.runSpecs.forget(revisionId);
    }
  }
}
