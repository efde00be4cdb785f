import { sql, type Kysely } from 'kysely';

/**
 * What is charged, to the picodollar. What calls cost is added to their minutes with their counts, and moves on into the
 * ledger when the minute is over. The ledger is partitioned by the day that lines are for, and never changed.
 */
const STATEMENTS = [
  `create table price_tables (
    id text primary key,
    name text not null,
    as_of text,
    source text not null,
    tiers jsonb not null,
    first_used_at timestamptz not null default now()
  )`,
  `alter table invocations add column pricing text`,
  // Quantities and amounts that are not in the ledger yet.
  `alter table function_minutes
    add column requests double precision not null default 0,
    add column measured_cpu_micros double precision not null default 0,
    add column memory_byte_ms double precision not null default 0,
    add column bytes_out double precision not null default 0,
    add column late_ms double precision not null default 0,
    add column cost_request numeric(38) not null default 0,
    add column cost_compute numeric(38) not null default 0,
    add column cost_memory numeric(38) not null default 0,
    add column cost_network numeric(38) not null default 0,
    add column cost_impact numeric(38) not null default 0,
    add column unposted boolean not null default false`,
  `create index function_minutes_unposted on function_minutes (tenant, minute) where unposted`,
  // Else PostgreSQL takes half of all minutes for marked until it looks by itself.
  `analyze function_minutes (unposted)`,

  `create sequence ledger_id_seq`,
  `create table ledger (
    id bigint not null default nextval('ledger_id_seq'),
    posted_at timestamptz not null default now(),
    minute timestamptz not null,
    tenant text not null,
    function_id text not null,
    function text not null,
    component text not null,
    quantity double precision not null,
    amount numeric(38) not null,
    primary key (id, minute)
  ) partition by range (minute)`,
  `create index ledger_tenant on ledger (tenant, minute)`,
  `create index ledger_minute on ledger using brin (minute) with (pages_per_range = 16, autosummarize = on)`,
  `create table ledger_default partition of ledger default`,
  `create function presage_ledger_append_only() returns trigger language plpgsql as $$
  begin
    -- Retention drops whole days; it moves lines only between the default partition and their day's.
    if tg_op = 'DELETE' and current_setting('presage.maintenance', true) = 'on' then
      return old;
    end if;
    raise exception 'the ledger is append-only: what was wrong is put right by a further line';
  end
  $$`,
  `create trigger ledger_append_only before update or delete on ledger
    for each row execute function presage_ledger_append_only()`,
  `create trigger ledger_no_truncate before truncate on ledger
    for each statement execute function presage_ledger_append_only()`,

  // The same by the hour, for whoever sums a month, and how far it goes.
  `create table ledger_hours (
    tenant text not null,
    hour timestamptz not null,
    function_id text not null,
    component text not null,
    function text not null,
    quantity double precision not null,
    amount numeric(38) not null,
    primary key (tenant, hour, function_id, component)
  )`,
  `create index ledger_hours_hour on ledger_hours (hour)`,
  `create table ledger_head (
    single boolean primary key default true check (single),
    last_id bigint not null,
    posted_at timestamptz
  )`,
  `insert into ledger_head (last_id) values (0)`,
  `create table ledger_checks (
    id text primary key,
    at timestamptz not null,
    window_from timestamptz not null,
    window_to timestamptz not null,
    tenant text,
    calls bigint not null,
    sums bigint not null,
    differences bigint not null,
    unpriced bigint not null
  )`,
  `create index ledger_checks_newest on ledger_checks (at desc, id desc)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table ledger_checks, ledger_head, ledger_hours, ledger, price_tables`.execute(db);
  await sql`drop function presage_ledger_append_only`.execute(db);
  await sql`drop sequence ledger_id_seq`.execute(db);
  await sql`alter table invocations drop column pricing`.execute(db);
  await sql`
    alter table function_minutes drop column requests, drop column measured_cpu_micros, drop column memory_byte_ms,
      drop column bytes_out, drop column late_ms, drop column cost_request, drop column cost_compute,
      drop column cost_memory, drop column cost_network, drop column cost_impact, drop column unposted`.execute(db);
}
