import type { AgentClient } from '../../agent/rpc/agent-client';
import type { Cluster, ClusterNode } from '../../drivers/cluster/cluster';
import type { Store } from '../../drivers/store/store';
import type { AgentLink } from './agent-link';
import type { RouteLog } from './route-table';

/** A node with the ways to its agent. */
export interface LinkedAgent {
  readonly node: ClusterNode;
  readonly client: AgentClient;
  readonly link: AgentLink;
}

export interface NodeLinksOptions {
  readonly cluster: Cluster;
  readonly store: Pick<Store, 'subscribe'>;
  readonly connect: (node: ClusterNode) => { readonly client: AgentClient; readonly link: AgentLink };
  readonly log: RouteLog;
  /** Between two looks without being told of a change: silence tells nobody. */
  readonly lookMs?: number;
}

const LOOK_MS = 5_000;

/** A link to the agent of each node there is; nodes come, move and go while the gateway runs. */
export class NodeLinks {
  readonly #options: NodeLinksOptions;
  #agents: readonly LinkedAgent[] = [];
  #links: readonly AgentLink[] = [];
  #looking: Promise<void> | undefined;
  #again = false;
  #away = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;

  /** @param first nodes to be linked at once, whether or not the store answers */
  constructor(options: NodeLinksOptions, first: readonly ClusterNode[]) {
    this.#options = options;
    this.#follow(first);
  }

  get agents(): readonly LinkedAgent[] {
    return this.#agents;
  }

  get links(): readonly AgentLink[] {
    return this.#links;
  }

  /** Follows the cluster from now on. Resolves after the first look, whatever came of it. */
  async open(): Promise<void> {
    const { store, lookMs = LOOK_MS } = this.#options;
    this.#timer = setInterval(() => void this.#look(), lookMs);
    this.#timer.unref();
    this.#unsubscribe = await store.subscribe('nodes', () => void this.#look());
    await this.#look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#unsubscribe?.();
    await this.#looking;
    for (const { link, client } of this.#agents) {
      link.close();
      client.close();
    }
  }

  /** One look at a time; what is told meanwhile is looked at after it. */
  async #look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookOn().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  async #lookOn(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        const nodes = await this.#options.cluster.nodes();
        this.#away = false;
        if (!this.#closed) this.#follow(nodes);
      } catch (error) {
        if (!this.#away) this.#options.log.warn({ err: error }, 'The nodes cannot be read; those known before stay');
        this.#away = true;
      }
    }
  }

  #follow(nodes: readonly ClusterNode[]): void {
    const left = new Map(this.#agents.map((agent) => [agent.node.name, agent]));
    this.#agents = nodes.map((node) => {
      const known = left.get(node.name);
      if (!known || moved(known.node, node)) return { node, ...this.#options.connect(node) };
      left.delete(node.name);
      known.link.standing = node;
      return { ...known, node };
    });
    this.#links = this.#agents.map(({ link }) => link);
    for (const { node, link, client } of left.values()) {
      this.#options.log.warn({ node: node.name, address: node.address }, 'A node is gone, or has moved');
      link.forget();
      client.close();
    }
  }
}

function moved(before: ClusterNode, now: ClusterNode): boolean {
  return before.address !== now.address || before.region !== now.region;
}
