import { nodeStateOf } from '../../../core/node/node-state';
import type { NodeRecord, NodeStore } from '../../store/node-store';
import type { Cluster, ClusterNode } from '../cluster';
import { createStaticCluster, type DeclaredNode } from '../static/static-cluster';

/**
 * The nodes whose agents have been heard of, as they said themselves and as was decided for them. Those that a configuration
 * names come first, in its order, also before they are heard of; one that was taken out does not come.
 * @throws PlatformError invalid_argument as the static one; `nodes` throws what the store does
 */
export function createRegisteredCluster(store: Pick<NodeStore, 'nodes'>, declared: readonly DeclaredNode[]): Cluster {
  const named = createStaticCluster(declared);
  return {
    async nodes() {
      const [first, records] = await Promise.all([named.nodes(), store.nodes({ removed: true })]);
      const rows = new Map(records.map((record) => [record.name, record]));
      const known = first.map((node) => {
        const record = rows.get(node.name);
        return record ? nodeOf(record) : node;
      });
      const others = records.filter(({ name }) => !first.some((node) => node.name === name)).map(nodeOf);
      return [...known, ...others].filter((node) => node !== null);
    },
  };
}

function nodeOf(record: NodeRecord): ClusterNode | null {
  if (record.removedAt !== null) return null;
  const { name, tier, region, address, labels, capacity, intent, silentMs } = record;
  return { name, tier, region, address, labels, capacity, state: nodeStateOf(intent, silentMs) };
}
