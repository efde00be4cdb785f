import { sql } from 'kysely';
import type { LatencyHour } from '../../../core/overview/overview';
import type { OverviewStore } from '../overview-store';
import type { Database } from './database-schema';

interface StepRow {
  readonly at: Date;
  readonly total: number;
  readonly errors: number;
  readonly hot: number;
  readonly warm: number;
  readonly restore: number;
  readonly cold: number;
}

export function overviewQueries(db: Database): OverviewStore {
  return {
    async stepCounts({ tenant, from, to, stepMs }) {
      const { rows } = await sql<StepRow>`
        select date_bin(${stepMs} * interval '1 millisecond', minute, 'epoch'::timestamptz) as at,
          sum(total)::bigint as total, sum(errors)::bigint as errors, sum(hot)::bigint as hot,
          sum(warm)::bigint as warm, sum(restore)::bigint as restore, sum(cold)::bigint as cold
        from function_minutes where tenant = ${tenant} and minute >= ${from} and minute < ${to}
        group by 1 order by 1`.execute(db);
      return rows.map(({ at, total, errors, ...byKind }) => ({ at, total, errors, byKind }));
    },

    async latencyHours({ tenant, from, to }) {
      const chosen = sql`tenant = ${tenant} and hour >= date_trunc('hour', ${from}::timestamptz, 'UTC') and hour < ${to}`;
      // Who is a user and who another function is in one of the two, never in both.
      const { rows } = await sql<LatencyHour>`
        select hour as at, jsonb_object_agg(key, total) as latencies from (
          select hour, key, sum(value::bigint)::bigint as total from (
            select hour, latencies from traffic_hours where ${chosen}
            union all select hour, latencies from call_hours where ${chosen}
          ) as waits, jsonb_each_text(latencies) group by 1, 2
        ) as sums group by 1 order by 1`.execute(db);
      return rows;
    },
  };
}
