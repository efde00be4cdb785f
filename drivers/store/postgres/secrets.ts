import { sql } from 'kysely';
import type { IdentityStore } from '../identity-store';
import type { Database } from './database-schema';

/** Secrets come sealed and leave sealed: the database never sees a plain one. */
export function secretQueries(
  db: Database,
): Pick<IdentityStore, 'putSecret' | 'secrets' | 'readSecrets' | 'resealSecret' | 'deleteSecret'> {
  return {
    async putSecret(tenant, name, sealed) {
      await db
        .insertInto('secrets')
        .values({ tenant, name, sealed })
        .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet({ sealed, updatedAt: sql`now()` }))
        .execute();
    },

    secrets: (tenant) =>
      db.selectFrom('secrets').select(['name', 'updatedAt']).where('tenant', '=', tenant).orderBy('name').execute(),

    async readSecrets(tenant, names) {
      if (names.length === 0) return new Map();
      const rows = await db
        .selectFrom('secrets')
        .select(['name', 'sealed'])
        .where('tenant', '=', tenant)
        .where('name', 'in', names)
        .execute();
      return new Map(rows.map((row) => [row.name, row.sealed]));
    },

    async resealSecret(tenant, name, from, to) {
      const result = await db
        .updateTable('secrets')
        .set({ sealed: to })
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .where('sealed', '=', from)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async deleteSecret(tenant, name) {
      const result = await db
        .deleteFrom('secrets')
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
  };
}
