import { sql } from 'kysely';
import type { InvocationRow } from '../../../core/record/invocation-batch';
import type { InvocationRecord } from '../store';
import type { Database } from './database-schema';
import { snakeCase, storableJson } from './json-rows';
import { COST_ADDED, COST_COLUMNS, COST_FOUND, COST_SUMS, GIVEN_COSTS, givenCosts } from './minute-costs';
import { TRAFFIC_COLUMNS, trafficCounted } from './traffic-map';

/** Rows in one statement: one of 500 takes some 20 ms, and holds its locks no longer. */
const STATEMENT_ROWS = 500;
/** A row of an invocation that failed. */
export const failed = sql<boolean>`(status >= 500 or error_code is not null)`;
/** Each field of a record with its column's type; the column is the field's name in snake_case. */
const FIELDS = {
  id: 'text',
  at: 'timestamptz',
  tenant: 'text',
  functionId: 'text',
  function: 'text',
  revision: 'integer',
  node: 'text',
  instanceId: 'text',
  method: 'text',
  path: 'text',
  status: 'integer',
  errorCode: 'text',
  kind: 'text',
  cause: 'text',
  queueMs: 'double precision',
  startMs: 'double precision',
  executeMs: 'double precision',
  totalMs: 'double precision',
  firstByteMs: 'double precision',
  phases: 'jsonb',
  cpuMicros: 'double precision',
  memoryByteMs: 'double precision',
  bytesIn: 'bigint',
  bytesOut: 'bigint',
  traceId: 'text',
  attempt: 'integer',
  userRegion: 'text',
  callerId: 'text',
  caller: 'text',
  pricing: 'text',
} as const satisfies Record<keyof InvocationRecord, string>;
const names = Object.keys(FIELDS);
const columns = sql.raw(names.map(snakeCase).join());
// PostgreSQL, not the gateway, gives the fields the names of their columns: it is the gateway's time that callers wait for.
const fields = sql.raw(names.map((name) => `"${name}"`).join());
const typedFields = sql.raw(
  Object.entries(FIELDS)
    .map(([name, type]) => `"${name}" ${type}`)
    .concat(GIVEN_COSTS)
    .join(),
);

/** Writes invocations each as a row of its own, and counts them; what is there already is neither written nor counted again. */
export async function writeRows(db: Database, rows: readonly InvocationRow[]): Promise<void> {
  // Each statement for itself: one transaction of several would lock counts out of their order.
  for (let from = 0; from < rows.length; from += STATEMENT_ROWS) {
    const given = rows.slice(from, from + STATEMENT_ROWS);
    await insertAndCount(
      db,
      storableJson(given.map(({ costs, ...row }) => (costs ? { ...row, ...givenCosts(costs) } : row))),
    );
  }
}

/**
 * Inserts what is new and adds exactly that to the minutes and to the traffic map. They are written in one order, so that
 * two gateways that count the same functions wait for each other rather than deadlock.
 */
async function insertAndCount(db: Database, rows: string): Promise<void> {
  await sql`
    with given as materialized (
      select distinct on (id, at) * from json_to_recordset(${rows}::json) as record(${typedFields}) order by id, at
    ), inserted as (
      insert into invocations (${columns})
      select ${fields} from given order by id
      on conflict do nothing
      returning id, function_id, tenant, at, execute_ms, coalesce(cpu_micros, execute_ms * 1000) as cpu_micros, kind, cause, ${failed} as failed, ${TRAFFIC_COLUMNS}
    ), counted as (
      select function_id, date_trunc('minute', at) as minute, min(tenant) as tenant,
        count(*) as total, count(*) filter (where failed) as errors,
        sum(execute_ms) as execute_ms, sum(cpu_micros) as cpu_micros,
        count(*) filter (where kind = 'hot') as hot, count(*) filter (where kind = 'warm') as warm,
        count(*) filter (where kind = 'restore') as restore, count(*) filter (where kind = 'cold') as cold
      from inserted group by 1, 2
    ), costs as (
      select function_id, date_trunc('minute', at) as minute, ${COST_SUMS}
      from inserted join given using (id, at) where given.cost is not null group by 1, 2
    ), causes as (
      select function_id, minute, jsonb_object_agg(cause, total) as by_cause
      from (
        select function_id, date_trunc('minute', at) as minute, cause, count(*) as total
        from inserted where cause is not null group by 1, 2, 3
      ) as each_cause group by 1, 2
    ), ${trafficCounted}
    insert into function_minutes as old
      (function_id, minute, tenant, total, errors, execute_ms, cpu_micros, hot, warm, restore, cold, by_cause, ${COST_COLUMNS})
    select function_id, minute, tenant, total, errors, execute_ms, cpu_micros, hot, warm, restore, cold,
      coalesce(by_cause, '{}'), ${COST_FOUND}
    from counted left join causes using (function_id, minute) left join costs using (function_id, minute)
    order by function_id, minute
    on conflict (function_id, minute) do update set
      total = old.total + excluded.total, errors = old.errors + excluded.errors,
      execute_ms = old.execute_ms + excluded.execute_ms, cpu_micros = old.cpu_micros + excluded.cpu_micros,
      hot = old.hot + excluded.hot, warm = old.warm + excluded.warm,
      restore = old.restore + excluded.restore, cold = old.cold + excluded.cold,
      by_cause = presage_add_counts(old.by_cause, excluded.by_cause),
      ${COST_ADDED}`.execute(db);
}
