import { sql, type RawBuilder } from 'kysely';
import type { InvocationBlock } from '../../../core/record/invocation-batch';
import { planOnce } from './connection-pool';
import type { Database } from './database-schema';
import { storableJson } from './json-rows';
import { COST_ADDED, COST_COLUMNS, COST_SUMS, GIVEN_COSTS, givenCosts } from './minute-costs';
import { addTraffic } from './traffic-map';

/** Blocks in one statement: no lock is held for long. */
const STATEMENT_BLOCKS = 500;

const FIELDS = sql.raw(`id uuid, at bigint, first_at bigint, first_end bigint, last_end bigint,
  tenant text, function_id text, function text, calls integer, times_at integer, times_bytes integer,
  details_at integer, details_bytes integer, execute_ms double precision,
  cpu_micros double precision, ${GIVEN_COSTS}, users jsonb, callers jsonb`);

/** A time out of Unix milliseconds. */
const time = (column: string) => sql.raw(`to_timestamp(${column} / 1000.0)`);

/** Writes blocks and adds what their calls come to; those that are there already are neither written nor counted again. */
export async function writeBlocks(db: Database, blocks: readonly InvocationBlock[]): Promise<void> {
  for (let from = 0; from < blocks.length; from += STATEMENT_BLOCKS) {
    await insertAndCount(db, blocks.slice(from, from + STATEMENT_BLOCKS));
  }
}

async function insertAndCount(db: Database, blocks: readonly InvocationBlock[]): Promise<void> {
  // One run of bytes that goes over as it is: in a list, or in JSON, each byte would be written as text and read back.
  const bytes = Buffer.concat(blocks.flatMap(({ times, details }) => [times, details]));
  let at = 0;
  // Times as numbers: to write and to read them as text takes as long as all the rest of a small block.
  const given = blocks.map(({ times, details, sums, ...block }) => {
    const [timesAt, detailsAt] = [at, at + times.length];
    at = detailsAt + details.length;
    return {
      id: block.id,
      at: block.lastAt.getTime(),
      first_at: block.firstAt.getTime(),
      first_end: block.firstEnd.getTime(),
      last_end: block.lastEnd.getTime(),
      tenant: block.tenant,
      function_id: block.functionId,
      function: block.function,
      calls: block.calls,
      // PostgreSQL counts bytes from 1 on.
      times_at: timesAt + 1,
      times_bytes: times.length,
      details_at: detailsAt + 1,
      details_bytes: details.length,
      execute_ms: sums.executeMs,
      cpu_micros: sums.cpuMicros,
      ...givenCosts(sums.costs),
      users: sums.users,
      callers: sums.callers,
    };
  });
  // Written in one order, as the rows are: gateways that count the same functions wait for each other rather than deadlock.
  await sql`${planOnce('write-blocks')}
    with given as materialized (
      select * from json_to_recordset(${storableJson(given)}::json) as block(${FIELDS})
    ), inserted as (
      insert into invocation_blocks
        (id, at, first_at, first_end, last_end, tenant, function_id, function, calls, times, details)
      select id, ${time('at')}, ${time('first_at')}, ${time('first_end')}, ${time('last_end')},
        tenant, function_id, function, calls,
        substring(all_bytes from times_at for times_bytes), substring(all_bytes from details_at for details_bytes)
      from given, (values (${bytes}::bytea)) as sent(all_bytes) order by id
      on conflict do nothing
      returning id
    ), written as (
      select given.*, date_trunc('minute', ${time('at')}) as minute from given join inserted using (id)
    ), by_users as (${hourly('users')}
    ), by_callers as (${hourly('callers')}
    )
    insert into function_minutes as old
      (function_id, minute, tenant, total, errors, execute_ms, cpu_micros, hot, warm, restore, cold, ${COST_COLUMNS})
    select function_id, minute, min(tenant), sum(calls), 0, sum(execute_ms), sum(cpu_micros), sum(calls), 0, 0, 0,
      ${COST_SUMS}
    from written group by 1, 2 order by 1, 2
    on conflict (function_id, minute) do update set
      total = old.total + excluded.total, execute_ms = old.execute_ms + excluded.execute_ms,
      cpu_micros = old.cpu_micros + excluded.cpu_micros, hot = old.hot + excluded.hot,
      ${COST_ADDED}`.execute(db);
}

/** Adds the sums of `written` to their hours. */
function hourly(sums: 'users' | 'callers'): RawBuilder<unknown> {
  const counts = sql.raw(`
    select function_id, date_trunc('hour', minute, 'UTC') as hour, entry.value->>'from' as "from", min(tenant) as tenant,
      sum((entry.value->>'calls')::bigint) as calls, 0 as async_calls, sum((entry.value->>'bytesIn')::bigint) as bytes_in,
      sum((entry.value->>'bytesOut')::bigint) as bytes_out, presage_sum_counts(entry.value->'latencies') as latencies
    from written, jsonb_array_elements(${sums}) as entry group by 1, 2, 3 order by 1, 2, 3`);
  return addTraffic(sums, counts);
}
