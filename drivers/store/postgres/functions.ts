import { sql } from 'kysely';
import { z } from 'zod';
import type { Store } from '../store';
import { pageLimit, pageOf, readCursor, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { notify } from './notify';

export const FUNCTION_COLUMNS = ['id', 'tenant', 'name', 'labels', 'createdAt', 'generation'] as const;
const byName: CursorShape<string> = { kind: 'functions', schema: z.string() };

export function functionQueries(db: Database): Pick<Store, 'functions' | 'findFunction' | 'deleteFunction'> {
  return {
    async functions(tenant, page = {}) {
      const after = readCursor(byName, page);
      const rows = await db
        .selectFrom('functions')
        .select(FUNCTION_COLUMNS)
        .where('tenant', '=', tenant)
        .where('deletedAt', 'is', null)
        .$if(after !== null, (query) => query.where('name', '>', after))
        .orderBy('name')
        .limit(pageLimit(page) + 1)
        .execute();
      return pageOf(rows, page, byName, (row) => row.name);
    },

    async findFunction(tenant, name) {
      const row = await db
        .selectFrom('functions')
        .select(FUNCTION_COLUMNS)
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .where('deletedAt', 'is', null)
        .executeTakeFirst();
      return row ?? null;
    },

    deleteFunction: (tenant, name) =>
      db.transaction().execute(async (transaction) => {
        const row = await transaction
          .updateTable('functions')
          .set({ deletedAt: sql<Date>`now()` })
          .where('tenant', '=', tenant)
          .where('name', '=', name)
          .where('deletedAt', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (!row) return false;
        // Nothing points at its revisions any more: that is how retention knows their checkpoints may go.
        await transaction.deleteFrom('aliases').where('functionId', '=', row.id).execute();
        await transaction
          .updateTable('revisions')
          .set({ state: 'retired' })
          .where('functionId', '=', row.id)
          .where('state', '!=', 'failed')
          .execute();
        await notify(transaction, 'routes', [`${tenant}/${name}`]);
        return true;
      }),
  };
}
