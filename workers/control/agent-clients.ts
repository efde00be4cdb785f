import type { AgentClient } from '../../agent/rpc/agent-client';
import { PlatformError } from '../../core/error/platform-error';
import type { Cluster, ClusterNode } from '../../drivers/cluster/cluster';

/** One client for each agent, made when it is first asked for, and anew when its node has moved. */
export class AgentClients {
  readonly #clients = new Map<string, { readonly key: string; readonly client: AgentClient }>();

  constructor(
    private readonly cluster: Cluster,
    private readonly connect: (node: ClusterNode) => AgentClient,
  ) {}

  /** @throws PlatformError not_found */
  async of(name: string): Promise<AgentClient> {
    const node = (await this.cluster.nodes()).find((candidate) => candidate.name === name);
    if (!node) throw new PlatformError('not_found', `There is no node "${name}"`);
    const key = `${node.address} ${node.region}`;
    const known = this.#clients.get(name);
    if (known?.key === key) return known.client;
    known?.client.close();
    const client = this.connect(node);
    this.#clients.set(name, { key, client });
    return client;
  }

  close(): void {
    for (const { client } of this.#clients.values()) client.close();
  }
}
