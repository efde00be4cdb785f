import { PlatformError } from '../../../core/error/platform-error';
import type { Cluster, ClusterNode } from '../cluster';

/**
 * The nodes that a configuration names, in its order. They may be down: who calls them finds out.
 * @throws PlatformError invalid_argument when two have one name or one address
 */
export function createStaticCluster(nodes: readonly ClusterNode[]): Cluster {
  for (const key of ['name', 'address'] as const) {
    const values = nodes.map((node) => node[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new PlatformError('invalid_argument', `Two nodes have the ${key} "${twice}"`, {
        problems: [{ path: 'nodes', message: `${key} "${twice}" is used twice` }],
      });
    }
  }
  const known = nodes.map(({ name, tier, address, labels }) => ({ name, tier, address, labels }));
  return { nodes: () => Promise.resolve(known) };
}
