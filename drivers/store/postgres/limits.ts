import { sql } from 'kysely';
import type { Store } from '../store';
import type { Database } from './database-schema';
import { notify } from './notify';

/** The key id in the row of a tenant: the primary key takes no null. */
const NO_KEY = '';

export function limitQueries(db: Database): Pick<Store, 'limits' | 'putLimits' | 'deleteLimits'> {
  return {
    async limits() {
      const rows = await db
        .selectFrom('limits')
        .select(['tenant', 'keyId', 'limits', 'updatedAt'])
        .orderBy('tenant')
        .orderBy('keyId')
        .execute();
      return rows.map(({ keyId, ...row }) => ({ ...row, keyId: keyId === NO_KEY ? null : keyId }));
    },

    putLimits: (tenant, keyId, limits) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('limits')
          .values({ tenant, keyId: keyId ?? NO_KEY, limits: JSON.stringify(limits) })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'keyId'])
              .doUpdateSet({ limits: JSON.stringify(limits), updatedAt: sql`now()` }),
          )
          .execute();
        await notify(transaction, 'limits', [tenant]);
      }),

    deleteLimits: (tenant, keyId) =>
      db.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('limits')
          .where('tenant', '=', tenant)
          .where('keyId', '=', keyId ?? NO_KEY)
          .executeTakeFirstOrThrow();
        if (numDeletedRows > 0n) await notify(transaction, 'limits', [tenant]);
        return numDeletedRows > 0n;
      }),
  };
}
