import type { Holding } from '../../core/cost/warmth/held-row';
import type { LatencyMatrix, Place } from '../../core/network/latency-matrix';
import { canServe, chooseNode } from '../../core/routing/choose-node';
import { drawNode } from '../../core/routing/draw-node';
import { nodeOrder } from '../../core/routing/node-order';
import type { PlacementRecord } from '../../drivers/store/placement-store';
import type { LeaseRests } from '../record/lease-rests';
import type { AgentLink } from './agent-link';
import type { LeasePool } from './lease-pool';
import { NodeRoute } from './node-route';
import type { RevisionRoute } from './revision-route';
import type { RunSpecSource } from './run-spec-source';

/** The lease pools of one revision, one for each node, and the choice among them. */
export class RevisionPools {
  #nodes = new Map<string, NodeRoute>();
  /** The nodes by preference, for each place that users are at; as long as nothing of the following changes. */
  readonly #orders = new Map<Place, readonly NodeRoute[]>();
  readonly #holding: Holding;
  #orderedFor: PlacementRecord | null = null;
  #orderedOf: readonly AgentLink[] = [];

  constructor(
    private readonly route: RevisionRoute,
    private readonly world: {
      /** Another array whenever something of the nodes has changed. */
      readonly links: () => readonly AgentLink[];
      readonly runSpecs: Pick<RunSpecSource, 'of'>;
      readonly distances: Pick<LatencyMatrix, 'ms'>;
      /** 0 (inclusive) to 1 (exclusive). */
      readonly random: () => number;
      readonly rests?: Pick<LeaseRests, 'add'> | undefined;
    },
  ) {
    const { revision, memoryBytes } = route;
    const { tenant, functionId, function: name } = revision;
    this.#holding = { tenant, functionId, function: name, memoryBytes };
  }

  /** The pool for a new request; undefined when no node may serve it. @param origin one object for each place */
  choose(origin: Place): LeasePool | undefined {
    const order = this.#ordered(origin);
    if (order.length === 1) return order[0]?.pool;
    return chooseNode(order, this.#drawn(), this.route.timeouts.startMs)?.pool;
  }

  /** The pool of another node than the one that has refused a request; undefined when no other could serve it now. */
  other(origin: Place, refused: LeasePool): LeasePool | undefined {
    for (const node of this.#ordered(origin)) {
      if (node.pool !== refused && canServe(node, this.route.timeouts.startMs)) return node.pool;
    }
    return undefined;
  }

  get empty(): boolean {
    for (const node of this.#nodes.values()) if (!node.empty) return false;
    return true;
  }

  /** The agent of a node is away. */
  away(node: string): void {
    this.#nodes.get(node)?.away();
  }

  close(): void {
    for (const node of this.#nodes.values()) node.close();
  }

  /** While a migration shifts, the weights decide; at all other times the distance does. */
  #drawn(): NodeRoute | undefined {
    const { placement } = this.route;
    if (!placement || placement.fence === null) return undefined;
    const name = drawNode(placement.nodes, this.world.random());
    return name === undefined ? undefined : this.#nodes.get(name);
  }

  #ordered(origin: Place): readonly NodeRoute[] {
    const { placement, tiers, regions, isolation } = this.route;
    const links = this.world.links();
    if (this.#orderedFor !== placement || this.#orderedOf !== links) {
      if (this.#orderedOf !== links) this.#follow(links);
      this.#orderedFor = placement;
      this.#orderedOf = links;
      this.#orders.clear();
    }
    let order = this.#orders.get(origin);
    if (!order) {
      const { distances } = this.world;
      order = nodeOrder([...this.#nodes.values()], {
        placed: placement?.nodes ?? null,
        tiers,
        regions,
        isolation,
        ms: ({ place }) => distances.ms(origin, place),
      });
      this.#orders.set(origin, order);
    }
    return order;
  }

  /** Nodes come and go; one that is reached elsewhere is another one. */
  #follow(links: readonly AgentLink[]): void {
    const before = this.#nodes;
    this.#nodes = new Map(
      links.map((link) => {
        const known = before.get(link.name);
        return [link.name, known?.link === link ? known : this.#nodeOf(link)];
      }),
    );
    for (const node of before.values()) if (this.#nodes.get(node.name) !== node) node.close();
  }

  #nodeOf(link: AgentLink): NodeRoute {
    return new NodeRoute(link, this.route, {
      runSpecs: this.world.runSpecs,
      maxInstances: (own) => this.#maxInstances(own),
      elsewhere: (own) => this.other(own.link.place, own.pool) !== undefined,
      unused: ({ name, tier }, from, to) => this.world.rests?.add(name, tier, this.#holding, from, to),
    });
  }

  /**
   * Nodes that share the traffic share the bound. What is left on a node that gets none takes nothing from them: it may stay
   * for as long as a stream. While a migration shifts, both nodes may hold what one held.
   */
  #maxInstances(own: NodeRoute): number {
    const { maxInstances, placement } = this.route;
    if (this.#nodes.size === 1 || (placement && placement.fence !== null)) return maxInstances;
    const serves = (name: string): boolean =>
      placement?.nodes.some(({ node, weight }) => node === name && weight > 0) ?? true;
    const first = serves(own.name);
    let others = 0;
    for (const node of this.#nodes.values()) {
      if (node !== own && !node.lost && !(first && !serves(node.name))) others += node.held;
    }
    return maxInstances - others;
  }
}
