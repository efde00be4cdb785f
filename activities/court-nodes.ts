import type { CourtNode } from '../core/court/court-case';
import type { ActivityDependencies } from './dependencies';

/** The nodes that are there, as a court takes them. */
export async function courtNodes({
  cluster,
  agent,
  platform,
}: Pick<ActivityDependencies, 'cluster' | 'agent' | 'platform'>): Promise<CourtNode[]> {
  const nodes = (await cluster.nodes()).filter(({ state }) => state !== 'lost');
  return Promise.all(
    nodes.map(async ({ name, capacity }) => {
      const { memoryCapacityBytes } = await (await agent(name)).stats();
      const cores = capacity ? Math.max(1, Math.round(capacity.cpuMillis / 1000)) : platform.node.cores;
      return { ...platform.node, cores, memoryBytes: memoryCapacityBytes };
    }),
  );
}
