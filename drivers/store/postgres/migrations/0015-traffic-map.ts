import { sql, type Kysely } from 'kysely';

/** Who calls what from where, by the hour; `latencies` counts by quarters of a doubling of milliseconds. */
const STATEMENTS = [
  `alter table invocations add column user_region text, add column caller_id text, add column caller text`,
  `alter table function_minutes add column cpu_micros double precision not null default 0`,
  `create table traffic_hours (
    function_id text not null,
    hour timestamptz not null,
    region text not null,
    tenant text not null,
    calls bigint not null,
    async_calls bigint not null,
    bytes_in bigint not null,
    bytes_out bigint not null,
    latencies jsonb not null,
    primary key (function_id, hour, region)
  )`,
  `create index traffic_hours_hour on traffic_hours (hour, tenant)`,
  `create table call_hours (
    callee_id text not null,
    hour timestamptz not null,
    caller_id text not null,
    tenant text not null,
    calls bigint not null,
    async_calls bigint not null,
    bytes_in bigint not null,
    bytes_out bigint not null,
    latencies jsonb not null,
    primary key (callee_id, hour, caller_id)
  )`,
  `create index call_hours_hour on call_hours (hour, tenant)`,
  `create index call_hours_caller on call_hours (caller_id, hour)`,
  `create aggregate presage_sum_counts(jsonb) (sfunc = presage_add_counts, stype = jsonb, initcond = '{}')`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table call_hours, traffic_hours`.execute(db);
  await sql`drop aggregate presage_sum_counts(jsonb)`.execute(db);
  await sql`alter table function_minutes drop column cpu_micros`.execute(db);
  await sql`alter table invocations drop column user_region, drop column caller_id, drop column caller`.execute(db);
}
