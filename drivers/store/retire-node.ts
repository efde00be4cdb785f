import { LOST_AFTER_MS } from '../../core/node/node-state';
import type { Store } from './store';

/**
 * Takes a node out that is drained or silent, and closes the rows of its instances: nobody else will say that they have ended.
 * @returns false where there is none @throws PlatformError precondition_failed where it is neither
 */
export async function retireNode(
  store: Pick<Store, 'removeNode' | 'instances' | 'upsertInstances' | 'writeEvents'>,
  name: string,
  at: Date,
): Promise<boolean> {
  if (!(await store.removeNode(name, LOST_AFTER_MS))) return false;
  const left = await store.instances({ node: name, live: true });
  await store.upsertInstances(left.map((row) => ({ ...row, state: 'gone', endedAt: at, reason: 'node-lost' })));
  await store.writeEvents([{ at, tenant: null, type: 'node.removed', function: null, node: name, data: {} }]);
  return true;
}
