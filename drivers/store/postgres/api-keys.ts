import { sql } from 'kysely';
import type { Store } from '../store';
import type { Database } from './database-schema';

const COLUMNS = ['id', 'tenant', 'name', 'prefix', 'scopes', 'createdAt', 'revokedAt'] as const;

export function apiKeyQueries(db: Database): Pick<Store, 'createApiKey' | 'findApiKey' | 'apiKeys' | 'revokeApiKey'> {
  return {
    createApiKey: (key) =>
      db
        .insertInto('apiKeys')
        .values({ ...key, revokedAt: null })
        .returning(COLUMNS)
        .executeTakeFirstOrThrow(),

    async findApiKey(hash) {
      const key = await db
        .selectFrom('apiKeys')
        .select(['id', 'tenant', 'scopes'])
        .where('hash', '=', hash)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      return key ?? null;
    },

    apiKeys: (tenant) =>
      db
        .selectFrom('apiKeys')
        .select(COLUMNS)
        .where('tenant', '=', tenant)
        .orderBy('createdAt')
        .orderBy('id')
        .execute(),

    async revokeApiKey(tenant, id) {
      const result = await db
        .updateTable('apiKeys')
        .set({ revokedAt: sql<Date>`now()` })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
}
