import { toPlatformError } from '../../core/error/platform-error';
import { isolationOf, type Isolation } from '../../core/function/isolation';
import type { Tier } from '../../core/function/manifest';
import type { Place } from '../../core/network/latency-matrix';
import type { NodeCandidate } from '../../core/routing/choose-node';
import type { AgentLink } from './agent-link';
import { LeasePool } from './lease-pool';
import type { RevisionRoute } from './revision-route';
import type { RunSpecSource } from './run-spec-source';

/** A node that refuses is left alone for so long, while there are others. */
const REFUSAL_MS = 500;

/** One node as the requests of one revision see it, with the leases that it gave for them. */
export class NodeRoute implements NodeCandidate {
  #pool: LeasePool | undefined;
  #refusingUntil = 0;

  constructor(
    readonly link: AgentLink,
    private readonly route: RevisionRoute,
    private readonly world: {
      readonly runSpecs: Pick<RunSpecSource, 'of'>;
      /** Instances that it may have at most, beside those on other nodes. */
      readonly maxInstances: (own: NodeRoute) => number;
      /** Could another node serve who waits here? */
      readonly elsewhere: (own: NodeRoute) => boolean;
      /** An instance there stood by without a request; Unix milliseconds. */
      readonly unused: (own: NodeRoute, from: number, to: number) => void;
    },
  ) {}

  get name(): string {
    return this.link.name;
  }

  get tier(): Tier {
    return this.link.standing.tier;
  }

  get isolation(): Isolation {
    return isolationOf(this.link.standing.labels ?? {});
  }

  get place(): Place {
    return this.link.place;
  }

  /** May it get functions that are not placed there? */
  get open(): boolean {
    return this.link.standing.state === 'ready';
  }

  get region(): string {
    return this.link.place.region;
  }

  get connected(): boolean {
    return this.link.connected;
  }

  get lost(): boolean {
    return this.link.standing.state === 'lost';
  }

  get refusing(): boolean {
    return this.#refusingUntil > performance.now();
  }

  get atHand(): boolean {
    return this.#pool?.atHand ?? false;
  }

  get waitMs(): number {
    // Where it has nothing and may have nothing, nobody would ever be served.
    if (this.held === 0 && this.world.maxInstances(this) <= 0) return Number.POSITIVE_INFINITY;
    return this.#pool?.waitMs ?? 0;
  }

  /** Instances that it has or has asked for. */
  get held(): number {
    return this.#pool ? this.#pool.leases + this.#pool.acquiring : 0;
  }

  get empty(): boolean {
    return this.#pool?.empty ?? true;
  }

  /** Made at its first request. */
  get pool(): LeasePool {
    return (this.#pool ??= new LeasePool({
      concurrency: this.route.concurrency,
      maxInstances: () => this.world.maxInstances(this),
      parallelStarts: () => this.link.parallelStarts,
      cores: () => this.link.cores,
      reachable: () => this.link.connected,
      elsewhere: () => this.world.elsewhere(this),
      unused: (from, to) => this.world.unused(this, from, to),
      acquire: async (request) => {
        const { concurrency, keepsConnections, revision, slaMs } = this.route;
        const runSpecJson = await this.world.runSpecs.of(revision);
        try {
          return await this.link.acquire({ runSpecJson, concurrency, keepsConnections, slaMs }, request);
        } catch (error) {
          const { code } = toPlatformError(error);
          // One that was called off says nothing of the node.
          if (REFUSALS.has(code) && !request.signal.aborted) this.#refusingUntil = performance.now() + REFUSAL_MS;
          throw error;
        }
      },
    }));
  }

  /** Its agent is away: who waits for a start there goes elsewhere, where there is another node. */
  away(): void {
    this.#pool?.away();
  }

  close(): void {
    this.#pool?.close();
  }
}

/** Answers that say something of the node, and nothing of the function. */
export const REFUSALS: ReadonlySet<string> = new Set(['capacity', 'draining', 'unavailable']);
