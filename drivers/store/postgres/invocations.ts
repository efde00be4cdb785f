import { sql } from 'kysely';
import type { z } from 'zod';
import type { InvocationRecord, Store } from '../store';
import { BlockPages, newestFirst } from './block-pages';
import { pageLimit, pageOf, readCursor, timeAndId, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { writeBlocks } from './invocation-blocks';
import { failed, writeRows } from './invocation-rows';

type InvocationQueries = Pick<Store, 'writeInvocations' | 'invocations' | 'findInvocation'>;

const newest: CursorShape<z.infer<typeof timeAndId>> = { kind: 'invocations', schema: timeAndId };

export function invocationQueries(db: Database): InvocationQueries {
  const packed = new BlockPages(db);
  return {
    async writeInvocations({ blocks, rows }) {
      await writeBlocks(db, blocks);
      await writeRows(db, rows);
    },

    async invocations(query) {
      const after = readCursor(newest, query);
      let select = db.selectFrom('invocations').selectAll().where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.kind !== undefined) select = select.where('kind', '=', query.kind);
      if (query.status !== undefined)
        select = select.where(query.status === 'error' ? failed : sql<boolean>`not ${failed}`);
      if (after) {
        // The plain bound on `at` is what lets the planner leave out whole days.
        select = select
          .where('at', '<=', new Date(after[0]))
          .where(sql<boolean>`(at, id collate "C") < (${after[0]}::timestamptz, ${after[1]})`);
      }
      const wanted = pageLimit(query) + 1;
      const rows: readonly InvocationRecord[] = await select
        .orderBy('at', 'desc')
        .orderBy(sql`id collate "C"`, 'desc')
        .limit(wanted)
        .execute();
      const ordinary = (query.kind ?? 'hot') === 'hot' && query.status !== 'error';
      const position = after && { at: Date.parse(after[0]), id: after[1] };
      const calls = ordinary ? await packed.newest(query, position, wanted) : [];
      const both = calls.length === 0 ? rows : [...rows, ...calls].sort(newestFirst);
      return pageOf(both, query, newest, (row) => [row.at.toISOString(), row.id]);
    },

    async findInvocation(tenant, id) {
      const row = await db
        .selectFrom('invocations')
        .selectAll()
        .where('id', '=', id)
        .where('tenant', '=', tenant)
        .orderBy('at', 'desc')
        .executeTakeFirst();
      return row ?? (await packed.find(tenant, id));
    },
  };
}
