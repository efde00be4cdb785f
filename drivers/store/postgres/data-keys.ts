import type { IdentityStore } from '../identity-store';
import type { Database } from './database-schema';

export function dataKeyQueries(db: Database): Pick<IdentityStore, 'dataKeys' | 'addDataKey' | 'rewrapDataKey'> {
  return {
    dataKeys: (tenant) =>
      db
        .selectFrom('dataKeys')
        .select(['tenant', 'version', 'wrapped', 'masterId'])
        .where('tenant', '=', tenant)
        .orderBy('version', 'desc')
        .execute(),

    async addDataKey({ tenant, version, wrapped, masterId }) {
      const result = await db
        .insertInto('dataKeys')
        .values({ tenant, version, wrapped, masterId })
        .onConflict((conflict) => conflict.columns(['tenant', 'version']).doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    async rewrapDataKey({ tenant, version, wrapped, masterId }, fromMasterId) {
      const result = await db
        .updateTable('dataKeys')
        .set({ wrapped, masterId })
        .where('tenant', '=', tenant)
        .where('version', '=', version)
        .where('masterId', '=', fromMasterId)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
}
