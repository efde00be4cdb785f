import { sql, type Kysely } from 'kysely';

/** Where functions run, and their moves between nodes. */
const STATEMENTS = [
  `create table placements (
    function_id text primary key,
    generation integer not null default 1,
    nodes jsonb not null,
    fence text,
    updated_at timestamptz not null default now()
  )`,
  `create table migrations (
    id text primary key,
    tenant text not null,
    function text not null,
    "from" text,
    "to" text not null,
    reason text not null,
    state text not null default 'running',
    phases jsonb not null default '[]',
    error text,
    workflow_id text not null,
    created_at timestamptz not null,
    ended_at timestamptz
  )`,
  `create index migrations_newest on migrations (tenant, created_at desc, id desc)`,
  `create index migrations_of_function on migrations (tenant, function, created_at desc, id desc)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table migrations, placements`.execute(db);
}
