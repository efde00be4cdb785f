import type { Logger } from 'pino';
import type { SharedAuthority } from '../drivers/certificates/shared-authority';
import type { Cluster } from '../drivers/cluster/cluster';

/**
 * A cluster whose nodes are told once this process has the certificate by which those that have joined know it. Where that cannot be
 * had the others are told all the same.
 */
export function certifiedCluster(
  cluster: Cluster,
  authority: Pick<SharedAuthority, 'follow'>,
  log: Pick<Logger, 'warn'>,
): Cluster {
  let told = '';
  const follow = async (): Promise<void> => {
    try {
      await authority.follow();
      told = '';
    } catch (error) {
      // Nodes are looked at every few seconds.
      if (told !== String(error)) log.warn({ err: error }, "The platform's own authority cannot be had");
      told = String(error);
    }
  };
  return {
    nodes: async () => {
      const [nodes] = await Promise.all([cluster.nodes(), follow()]);
      return nodes;
    },
  };
}
