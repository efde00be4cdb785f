import { sql, type Kysely } from 'kysely';

/** Ordinary calls, packed by function and minute: one row for what hundreds of rows would be. `at` is the arrival of the last. */
const STATEMENTS = [
  `create table invocation_blocks (
    id uuid not null,
    at timestamptz not null,
    first_at timestamptz not null,
    first_end timestamptz not null,
    last_end timestamptz not null,
    tenant text not null,
    function_id text not null,
    function text not null,
    calls integer not null,
    times bytea not null,
    details bytea not null,
    primary key (tenant, at, id)
  ) partition by range (at)`,
  `create index invocation_blocks_function on invocation_blocks (tenant, function, at)`,
  `create index invocation_blocks_at on invocation_blocks using brin (at) with (pages_per_range = 16, autosummarize = on)`,
  // They are as small as they get: PostgreSQL would look for more in vain.
  `alter table invocation_blocks alter column times set storage external, alter column details set storage external`,
  `create table invocation_blocks_default partition of invocation_blocks default`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table invocation_blocks`.execute(db);
}
