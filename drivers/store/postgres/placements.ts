import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import { checkPlacedNodes } from '../../../core/routing/placed-nodes';
import type { PlacedNode, PlacementRecord, PlacementStore } from '../placement-store';
import type { Database } from './database-schema';
import { notify } from './notify';

type PlacementQueries = Pick<PlacementStore, 'placementOf' | 'setPlacement'>;

export function placementQueries(db: Database): PlacementQueries {
  return {
    placementOf: async (functionId) =>
      (await db.selectFrom('placements').selectAll().where('functionId', '=', functionId).executeTakeFirst()) ?? null,

    setPlacement: async (functionId, nodes, options = {}) => {
      checkPlacedNodes(nodes);
      return db.transaction().execute(async (transaction) => {
        const fn = await transaction
          .selectFrom('functions')
          .select(['tenant', 'name'])
          .where('id', '=', functionId)
          .where('deletedAt', 'is', null)
          .executeTakeFirst();
        if (!fn) throw new PlatformError('not_found', 'The function does not exist any more');
        const placement = await write(transaction, functionId, nodes, options);
        if (!placement) {
          throw new PlatformError('precondition_failed', `The placement of ${fn.tenant}/${fn.name} has changed`, {
            hint: 'It is read again and decided anew; while a migration runs only that migration changes it.',
          });
        }
        await notify(transaction, 'routes', [`${fn.tenant}/${fn.name}`]);
        return placement;
      });
    },
  };
}

/** The placement as written; undefined when the condition does not hold. */
function write(
  db: Database,
  functionId: string,
  nodes: readonly PlacedNode[],
  { ifGeneration, fence = null }: { readonly ifGeneration?: number; readonly fence?: string | null },
): Promise<PlacementRecord | undefined> {
  const value = JSON.stringify(nodes);
  const next = { nodes: value, fence, generation: sql<number>`placements.generation + 1`, updatedAt: sql<Date>`now()` };
  if (ifGeneration !== undefined && ifGeneration > 0) {
    return db
      .updateTable('placements')
      .set(next)
      .where('functionId', '=', functionId)
      .where('generation', '=', ifGeneration)
      .returningAll()
      .executeTakeFirst();
  }
  return db
    .insertInto('placements')
    .values({ functionId, nodes: value, fence })
    .onConflict((conflict) => {
      const same = conflict.column('functionId');
      return ifGeneration === 0 ? same.doNothing() : same.doUpdateSet(next).where('placements.fence', 'is', null);
    })
    .returningAll()
    .executeTakeFirst();
}
