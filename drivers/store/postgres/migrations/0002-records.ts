import { sql, type Kysely } from 'kysely';

/**
 * What happened. The three big tables are partitioned by the UTC day of `at`, so that forgetting a day is dropping a
 * table. Each has a default partition: an insert never fails because a day has not been made yet.
 */
const STATEMENTS = [
  // Lookups by id come without `at`, so `id` leads; uniqueness needs the partition column too, and a repeated row carries the same `at`.
  `create table invocations (
    id text not null,
    at timestamptz not null,
    tenant text not null,
    function_id text not null,
    function text not null,
    revision integer,
    node text,
    instance_id text,
    method text not null,
    path text not null,
    status integer not null,
    error_code text,
    kind text,
    cause text,
    queue_ms double precision not null,
    start_ms double precision not null,
    execute_ms double precision not null,
    total_ms double precision not null,
    first_byte_ms double precision,
    phases jsonb not null default '{}',
    cpu_micros double precision,
    memory_byte_ms double precision not null,
    bytes_in bigint not null,
    bytes_out bigint not null,
    trace_id text,
    primary key (id, at)
  ) partition by range (at)`,
  `create index invocations_newest on invocations (tenant, at desc, id desc)`,
  `create index invocations_function on invocations (tenant, function, at desc, id desc)`,
  `create table invocations_default partition of invocations default`,

  `create sequence logs_id_seq`,
  `create table logs (
    id bigint not null default nextval('logs_id_seq'),
    at timestamptz not null,
    tenant text not null,
    function text not null,
    revision integer not null,
    node text not null,
    instance_id text not null,
    invocation_id text,
    stream text not null,
    text text not null,
    primary key (id, at)
  ) partition by range (at)`,
  `create index logs_function on logs (tenant, function, id)`,
  `create index logs_invocation on logs (invocation_id, id) where invocation_id is not null`,
  `create table logs_default partition of logs default`,

  `create sequence events_id_seq`,
  `create table events (
    id bigint not null default nextval('events_id_seq'),
    at timestamptz not null,
    tenant text,
    type text not null,
    function text,
    node text,
    data jsonb not null default '{}',
    primary key (id, at)
  ) partition by range (at)`,
  `create index events_tenant on events (tenant, id)`,
  `create table events_default partition of events default`,

  `create table function_minutes (
    function_id text not null,
    minute timestamptz not null,
    tenant text not null,
    total bigint not null,
    errors bigint not null,
    execute_ms double precision not null,
    hot bigint not null,
    warm bigint not null,
    restore bigint not null,
    cold bigint not null,
    by_cause jsonb not null default '{}',
    primary key (function_id, minute)
  )`,
  `create index function_minutes_tenant on function_minutes (tenant, minute)`,
  `create index function_minutes_minute on function_minutes (minute)`,
  `create function presage_add_counts(a jsonb, b jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(key, total), '{}')
    from (
      select key, sum(value::bigint) as total
      from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) as both_sides
      group by key
    ) as sums
  $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function presage_add_counts`.execute(db);
  await sql`drop table function_minutes, events, logs, invocations`.execute(db);
  await sql`drop sequence events_id_seq, logs_id_seq`.execute(db);
}
