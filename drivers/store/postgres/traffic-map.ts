import { sql, type RawBuilder } from 'kysely';
import { LATENCY_STEPS, LEAST_LATENCY_MS } from '../../../core/traffic/latency-counts';
import type { CallTraffic, FunctionLoad, TrafficMapStore, UserTraffic } from '../traffic-map-store';
import type { Database } from './database-schema';

const TABLES = {
  users: { table: 'traffic_hours', callee: 'function_id', from: 'region' },
  callers: { table: 'call_hours', callee: 'callee_id', from: 'caller_id' },
} as const;

/** Of the invocations that were written just now, what the traffic map is made of. */
export const TRAFFIC_COLUMNS = sql.raw(
  'node, attempt, user_region, caller_id, bytes_in, bytes_out, coalesce(first_byte_ms, total_ms) as latency_ms',
);

/**
 * Further parts of the statement that inserts invocations: they add what `inserted` has given to the hours. Rows are
 * written in the order of their keys.
 */
export const trafficCounted: RawBuilder<unknown> = sql`
  traffic as (
    select function_id, date_trunc('hour', at, 'UTC') as hour, user_region, caller_id, tenant,
      attempt is null as waited, bytes_in, bytes_out,
      round(${sql.lit(LATENCY_STEPS)} * ln(greatest(latency_ms, ${sql.lit(LEAST_LATENCY_MS)})) / ln(2))::int as step
    from inserted where node is not null
  ), by_users as (${addTraffic('users', counted('user_region'))}
  ), by_callers as (${addTraffic('callers', counted('caller_id'))}
  )`;

/** @param from the column of `traffic` that says who calls, where it is known */
function counted(from: string): RawBuilder<unknown> {
  return sql.raw(`
    select function_id, hour, "from", min(tenant) as tenant,
      coalesce(sum(total) filter (where waited), 0) as calls,
      coalesce(sum(total) filter (where not waited), 0) as async_calls,
      sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out,
      coalesce(jsonb_object_agg(step, total) filter (where waited), '{}') as latencies
    from (
      select function_id, hour, ${from} as "from", waited, step, min(tenant) as tenant, count(*) as total,
        sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out
      from traffic where ${from} is not null group by 1, 2, 3, 4, 5
    ) as steps
    group by 1, 2, 3 order by 1, 2, 3`);
}

/**
 * A statement that adds counts to the hours.
 * @param counts a query that gives, in the order of the first three: function_id, hour, "from", tenant, calls, async_calls,
 * bytes_in, bytes_out, latencies; each of the first three together once
 */
export function addTraffic(by: keyof typeof TABLES, counts: RawBuilder<unknown>): RawBuilder<unknown> {
  const { table, callee, from } = TABLES[by];
  const key = sql.raw(`${callee}, hour, ${from}`);
  return sql`
    insert into ${sql.raw(table)} as old (${key}, tenant, calls, async_calls, bytes_in, bytes_out, latencies)
    ${counts}
    on conflict (${key}) do update set
      calls = old.calls + excluded.calls, async_calls = old.async_calls + excluded.async_calls,
      bytes_in = old.bytes_in + excluded.bytes_in, bytes_out = old.bytes_out + excluded.bytes_out,
      latencies = presage_add_counts(old.latencies, excluded.latencies)`;
}

const SUMS = sql.raw(`
  sum(calls)::bigint as calls, sum(async_calls)::bigint as async_calls,
  sum(bytes_in)::bigint as bytes_in, sum(bytes_out)::bigint as bytes_out,
  presage_sum_counts(latencies) as latencies`);

export function trafficMapQueries(db: Database): TrafficMapStore {
  return {
    async trafficMap({ tenant, functionId, from, to }) {
      const [ofTenant, ofFunction] = [tenant ?? null, functionId ?? null];
      const chosen = sql`hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') and hour < ${to}
        and (${ofTenant}::text is null or tenant = ${ofTenant})`;
      const [users, calls] = await Promise.all([
        sql<UserTraffic>`
          select tenant, function_id, region, ${SUMS} from traffic_hours
          where ${chosen} and (${ofFunction}::text is null or function_id = ${ofFunction})
          group by 1, 2, 3 order by 2, 3`.execute(db),
        sql<CallTraffic>`
          select tenant, caller_id, callee_id, ${SUMS} from call_hours
          where ${chosen} and (${ofFunction}::text is null or ${ofFunction} in (caller_id, callee_id))
          group by 1, 2, 3 order by 3, 2`.execute(db),
      ]);
      return { users: users.rows, calls: calls.rows };
    },

    functionLoads: async ({ from, to }) => {
      const { rows } = await sql<FunctionLoad>`
        select function_id, sum(total)::bigint as calls, sum(execute_ms) as execute_ms, sum(cpu_micros) as cpu_micros
        from function_minutes where minute >= ${from} and minute < ${to}
        group by function_id order by function_id`.execute(db);
      return rows;
    },
  };
}
