import { sql } from 'kysely';
import type { IdentityStore } from '../identity-store';
import type { Database } from './database-schema';

const COLUMNS = [
  'id',
  'tenant',
  'name',
  'prefix',
  'scopes',
  'createdAt',
  'revokedAt',
  'expiresAt',
  'lastUsedAt',
  'rotatedAt',
  'previousUntil',
] as const;

type ApiKeyQueries = Pick<
  IdentityStore,
  'createApiKey' | 'findApiKey' | 'apiKeys' | 'revokeApiKey' | 'rotateApiKey' | 'touchApiKeys'
>;

export function apiKeyQueries(db: Database): ApiKeyQueries {
  return {
    createApiKey: (key) =>
      db
        .insertInto('apiKeys')
        .values({ ...key, expiresAt: key.expiresAt ?? null, revokedAt: null })
        .returning(COLUMNS)
        .executeTakeFirstOrThrow(),

    async findApiKey(hash) {
      const key = await db
        .selectFrom('apiKeys')
        .select(['id', 'tenant', 'scopes', 'hash', 'expiresAt', 'previousUntil'])
        .where((where) =>
          where.or([
            where('hash', '=', hash),
            where.and([where('previousHash', '=', hash), where('previousUntil', '>', sql<Date>`now()`)]),
          ]),
        )
        .where('revokedAt', 'is', null)
        .where((where) => where.or([where('expiresAt', 'is', null), where('expiresAt', '>', sql<Date>`now()`)]))
        .executeTakeFirst();
      if (!key) return null;
      const { id, tenant, scopes, expiresAt, previousUntil } = key;
      return { id, tenant, scopes, validUntil: key.hash === hash ? expiresAt : earlier(expiresAt, previousUntil) };
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

    async rotateApiKey(tenant, id, { prefix, hash, previousUntil, expiresAt }) {
      const key = await db
        .updateTable('apiKeys')
        .set((set) => ({
          prefix,
          hash,
          previousHash: set.ref('hash'),
          previousUntil,
          rotatedAt: sql<Date>`now()`,
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }))
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .returning(COLUMNS)
        .executeTakeFirst();
      return key ?? null;
    },

    async touchApiKeys(uses) {
      if (uses.length === 0) return;
      await sql`
        update api_keys set last_used_at = greatest(last_used_at, used.at)
        from json_to_recordset(${JSON.stringify(uses)}::json) as used (id text, at timestamptz)
        where api_keys.id = used.id`.execute(db);
    },
  };
}

function earlier(a: Date | null, b: Date | null): Date | null {
  return a === null || (b !== null && b < a) ? b : a;
}
