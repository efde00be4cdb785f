import { sql } from 'kysely';
import type { z } from 'zod';
import type { Store } from '../store';
import { pageLimit, pageOf, readCursor, timeAndId, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';

type InvocationQueries = Pick<Store, 'writeInvocations' | 'invocations' | 'findInvocation'>;

/** Rows in one statement: one of 500 takes some 20 ms, and holds its locks no longer. */
const STATEMENT_ROWS = 500;
const newest: CursorShape<z.infer<typeof timeAndId>> = { kind: 'invocations', schema: timeAndId };
const failed = sql<boolean>`(status >= 500 or error_code is not null)`;
const columns = sql.raw(
  `id, at, tenant, function_id, function, revision, node, instance_id, method, path, status, error_code, kind, cause,
   queue_ms, start_ms, execute_ms, total_ms, first_byte_ms, phases, cpu_micros, memory_byte_ms, bytes_in, bytes_out, trace_id, attempt`,
);

export function invocationQueries(db: Database): InvocationQueries {
  return {
    async writeInvocations(batch) {
      if (batch.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        for (let from = 0; from < batch.length; from += STATEMENT_ROWS) {
          await insertAndCount(transaction, jsonRows(batch.slice(from, from + STATEMENT_ROWS)));
        }
      });
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
          .where(sql<boolean>`(at, id) < (${after[0]}::timestamptz, ${after[1]})`);
      }
      const rows = await select
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOf(rows, query, newest, (row) => [row.at.toISOString(), row.id]);
    },

    async findInvocation(tenant, id) {
      const row = await db
        .selectFrom('invocations')
        .selectAll()
        .where('id', '=', id)
        .where('tenant', '=', tenant)
        .orderBy('at', 'desc')
        .executeTakeFirst();
      return row ?? null;
    },
  };
}

/**
 * Inserts what is new and adds exactly that to the minutes. The minutes are written in one order, so that two gateways
 * that count the same functions wait for each other rather than deadlock.
 */
async function insertAndCount(db: Database, rows: string): Promise<void> {
  await sql`
    with inserted as (
      insert into invocations (${columns})
      select ${columns} from json_populate_recordset(null::invocations, ${rows}::json) order by id
      on conflict do nothing
      returning function_id, tenant, at, execute_ms, kind, cause, ${failed} as failed
    ), counted as (
      select function_id, date_trunc('minute', at) as minute, min(tenant) as tenant,
        count(*) as total, count(*) filter (where failed) as errors, sum(execute_ms) as execute_ms,
        count(*) filter (where kind = 'hot') as hot, count(*) filter (where kind = 'warm') as warm,
        count(*) filter (where kind = 'restore') as restore, count(*) filter (where kind = 'cold') as cold
      from inserted group by 1, 2
    ), causes as (
      select function_id, minute, jsonb_object_agg(cause, total) as by_cause
      from (
        select function_id, date_trunc('minute', at) as minute, cause, count(*) as total
        from inserted where cause is not null group by 1, 2, 3
      ) as each_cause group by 1, 2
    )
    insert into function_minutes as old
      (function_id, minute, tenant, total, errors, execute_ms, hot, warm, restore, cold, by_cause)
    select function_id, minute, tenant, total, errors, execute_ms, hot, warm, restore, cold, coalesce(by_cause, '{}')
    from counted left join causes using (function_id, minute)
    order by function_id, minute
    on conflict (function_id, minute) do update set
      total = old.total + excluded.total, errors = old.errors + excluded.errors,
      execute_ms = old.execute_ms + excluded.execute_ms,
      hot = old.hot + excluded.hot, warm = old.warm + excluded.warm,
      restore = old.restore + excluded.restore, cold = old.cold + excluded.cold,
      by_cause = presage_add_counts(old.by_cause, excluded.by_cause)`.execute(db);
}
