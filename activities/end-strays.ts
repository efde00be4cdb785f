import { toPlatformError } from '../core/error/platform-error';
import { strayRevisions } from '../core/migration/stray-revisions';
import type { RouteSnapshot } from '../drivers/store/store';
import type { ActivityDependencies } from './dependencies';

/**
 * Ends what rests on nodes that its function is not placed on, or whose function was deleted: requests that had spilled over left
 * it, or the node was away when it was to clean up. Nodes that are lost, or do not answer, are looked at the next time.
 */
export async function endStrays(
  { cluster, agent }: Pick<ActivityDependencies, 'cluster' | 'agent'>,
  { functions }: RouteSnapshot,
): Promise<void> {
  const nodes = (await cluster.nodes()).filter(({ state }) => state !== 'lost');
  await Promise.all(
    nodes.map(async ({ name }) => {
      try {
        const client = await agent(name);
        const { instances } = await client.stats();
        for (const stray of strayRevisions(name, instances, functions)) {
          await client.retire({ ...stray, deadlineMs: 0 });
        }
      } catch (error) {
        if (!toPlatformError(error).retryable) throw error;
      }
    }),
  );
}
