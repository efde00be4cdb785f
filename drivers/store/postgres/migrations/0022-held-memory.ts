import { sql, type Kysely } from 'kysely';

/**
 * What is kept for functions between their calls: idle memory by minute, checkpoints by hour. Each row carries by what it is
 * priced, and its cost is always that of its whole quantity: rows of other prices stand beside it. What of it is in the ledger
 * stands beside it too: reports may come late.
 */
const STATEMENTS = [
  // Picodollars of byte-milliseconds, to the nearest. As core/cost/warmth/held-amount.ts.
  `create function presage_held_amount(byte_ms numeric, price_parts numeric, divisor numeric) returns numeric
    language sql immutable parallel safe as $$ select div(byte_ms * price_parts + div(divisor, 2), divisor) $$`,
  // Reports that were counted: whoever repeats one changes nothing.
  `create table held_batches (id uuid primary key, at timestamptz not null default now())`,
  `create index held_batches_at on held_batches (at)`,
  // Tenant null: the platform's own, for runtimes booted ahead that nobody used.
  `create table held_minutes (
    function_id text not null,
    minute timestamptz not null,
    node text not null,
    pricing text not null,
    tenant text,
    function text not null,
    running_byte_ms numeric not null,
    frozen_byte_ms numeric not null,
    shared_byte_ms numeric not null,
    cost_warmth numeric(38) not null,
    posted_byte_ms numeric not null default 0,
    posted_warmth numeric(38) not null default 0,
    unposted boolean not null,
    primary key (function_id, minute, node, pricing)
  )`,
  `create index held_minutes_minute on held_minutes (minute)`,
  `create index held_minutes_unposted on held_minutes (tenant, minute) where unposted`,
  `create table storage_hours (
    function_id text not null,
    hour timestamptz not null,
    pricing text not null,
    tenant text not null,
    function text not null,
    byte_ms numeric not null,
    cost_storage numeric(38) not null,
    unposted boolean not null,
    primary key (function_id, hour, pricing)
  )`,
  `create index storage_hours_hour on storage_hours (hour)`,
  `create index storage_hours_unposted on storage_hours (tenant, hour) where unposted`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['storage_hours', 'held_minutes', 'held_batches']) {
    await sql`drop table ${sql.table(table)}`.execute(db);
  }
  await sql`drop function presage_held_amount`.execute(db);
}
