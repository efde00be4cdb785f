import { PlatformError } from '../../core/error/platform-error';
import type { LatencyMatrix, Place } from '../../core/network/latency-matrix';
import type { LeaseRests } from '../record/lease-rests';
import type { AgentLink } from './agent-link';
import type { LeasePool } from './lease-pool';
import { REFUSALS } from './node-route';
import { RevisionPools } from './revision-pools';
import type { RevisionRoute } from './revision-route';
import type { RunSpecSource } from './run-spec-source';

/** How often pools that nobody uses are forgotten. */
const TIDY_EVERY_MS = 60_000;

/** The lease pools of all revisions on all nodes, and the agents that fill them. */
export class InstanceBroker {
  readonly #revisions = new Map<string, RevisionPools>();
  readonly #tidy: NodeJS.Timeout;
  #linked: readonly AgentLink[] = [];
  #closed = false;

  /**
   * @param links of all nodes, as they are at the time; another array whenever something of them has changed
   * @param distances round trips; without, everything is at one place @param random 0 (inclusive) to 1 (exclusive)
   * @param rests told of leased instances that have nothing to do
   */
  constructor(
    private readonly links: () => readonly AgentLink[],
    private readonly runSpecs: Pick<RunSpecSource, 'of' | 'forget'>,
    private readonly distances: Pick<LatencyMatrix, 'ms'> = { ms: () => 0 },
    private readonly random: () => number = Math.random,
    private readonly rests?: Pick<LeaseRests, 'add'>,
  ) {
    this.#tidy = setInterval(() => this.#forgetEmpty(), TIDY_EVERY_MS);
    this.#tidy.unref();
  }

  /**
   * The pool that a new request of the revision is for, on the node that suits it best now.
   * @param origin where its user is @throws PlatformError capacity when no node may serve it
   */
  poolOf(route: RevisionRoute, origin: Place): LeasePool {
    const { revision } = route;
    let pools = this.#revisions.get(revision.id);
    if (!pools) {
      const { runSpecs, distances, random, rests } = this;
      pools = new RevisionPools(route, { links: () => this.#follow(), runSpecs, distances, random, rests });
      this.#revisions.set(revision.id, pools);
    }
    const pool = pools.choose(origin);
    if (!pool) throw new PlatformError('capacity', `There is no node of a tier that ${revision.function} allows`);
    if (this.#closed) pool.close();
    return pool;
  }

  /** Where a request goes on that one node has refused; undefined when the refusal is its answer. */
  otherPoolOf(route: RevisionRoute, origin: Place, refused: LeasePool, error: PlatformError): LeasePool | undefined {
    if (this.#closed || !REFUSALS.has(error.code)) return undefined;
    return this.#revisions.get(route.revision.id)?.other(origin, refused);
  }

  /** Cold starts so far that a runtime booted ahead has shortened, over all nodes. */
  get blankStarts(): number {
    return this.links().reduce((sum, link) => sum + link.blankStarts, 0);
  }

  /** Leases held now, over all nodes. */
  get leases(): number {
    return this.links().reduce((sum, link) => sum + link.leases, 0);
  }

  /** Gives every idle lease back, the others when they are free. Resolves when none is left, or after `graceMs`; who owns the
   * links closes them then. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    clearInterval(this.#tidy);
    for (const pools of this.#revisions.values()) pools.close();
    const end = performance.now() + graceMs;
    while (this.leases > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** The links as they are now; of new ones it is told when their agent goes away. */
  #follow(): readonly AgentLink[] {
    const links = this.links();
    if (links !== this.#linked) {
      this.#linked = links;
      for (const link of links) link.onAway ??= () => this.#away(link);
    }
    return links;
  }

  #away(link: AgentLink): void {
    if (this.#closed) return;
    for (const pools of this.#revisions.values()) pools.away(link.name);
  }

  #forgetEmpty(): void {
    for (const [revisionId, pools] of this.#revisions) {
      if (!pools.empty) continue;
      this.#revisions.delete(revisionId);
      this.runSpecs.forget(revisionId);
    }
  }
}
