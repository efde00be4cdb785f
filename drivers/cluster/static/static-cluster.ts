import { PlatformError } from '../../../core/error/platform-error';
import type { Cluster, ClusterNode } from '../cluster';

/** What a configuration says of a node. */
export type DeclaredNode = Omit<ClusterNode, 'state' | 'capacity'>;

/**
 * The nodes that a configuration names, in its order, all of them ready. They may be down: who calls them finds out.
 * @throws PlatformError invalid_argument when two have one name or one address
 */
export function createStaticCluster(nodes: readonly DeclaredNode[]): Cluster {
  for (const key of ['name', 'address'] as const) {
    const values = nodes.map((node) => node[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new PlatformError('invalid_argument', `Two nodes have the ${key} "${twice}"`, {
        problems: [{ path: 'nodes', message: `${key} "${twice}" is used twice` }],
      });
    }
  }
  const known = nodes.map(({ name, tier, region, address, labels }): ClusterNode => {
    return { name, tier, region, address, labels, state: 'ready', capacity: null };
  });
  return { nodes: () => Promise.resolve(known) };
}
