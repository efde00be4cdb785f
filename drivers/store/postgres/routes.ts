import { sql } from 'kysely';
import type { Store } from '../store';
import { ALIAS_COLUMNS } from './aliases';
import { byFunction } from './by-function';
import type { Database } from './database-schema';
import { selectRevisions } from './revisions';

export function routeQueries(db: Database): Pick<Store, 'routes'> {
  return {
    routes: () =>
      // One snapshot for all reads: an alias never points at a revision that the snapshot lacks.
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (transaction) => {
          const functions = await transaction
            .selectFrom('functions')
            .select(['id', 'tenant', 'name'])
            .where('deletedAt', 'is', null)
            .orderBy('tenant')
            .orderBy('name')
            .execute();
          const aliases = await transaction.selectFrom('aliases').select(ALIAS_COLUMNS).orderBy('name').execute();
          const revisions = await selectRevisions(transaction)
            .where('functions.deletedAt', 'is', null)
            .where(
              sql<boolean>`exists (
                select from aliases, jsonb_array_elements(aliases.weights) as share
                where aliases.function_id = revisions.function_id and (share->>'revision')::int = revisions.number
              )`,
            )
            .orderBy('revisions.number')
            .execute();
          const placements = await transaction.selectFrom('placements').selectAll().execute();
          const placementOf = new Map(placements.map((placement) => [placement.functionId, placement]));
          const aliasesOf = byFunction(aliases);
          const revisionsOf = byFunction(revisions);
          return {
            functions: functions.map(({ id, tenant, name }) => ({
              functionId: id,
              tenant,
              name,
              aliases: aliasesOf.get(id) ?? [],
              revisions: revisionsOf.get(id) ?? [],
              placement: placementOf.get(id) ?? null,
            })),
          };
        }),
  };
}
