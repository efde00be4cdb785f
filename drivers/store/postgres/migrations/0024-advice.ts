import { sql, type Kysely } from 'kysely';

/** What was seen of memory by the hour, and recommendations with what became of them. */
const STATEMENTS = [
  `create table memory_hours (
    revision_id text not null,
    hour timestamptz not null,
    node text not null,
    incarnation text not null,
    looks jsonb not null,
    primary key (revision_id, hour, node, incarnation)
  )`,
  `create index memory_hours_hour on memory_hours (hour)`,
  `create table recommendations (
    id text primary key,
    strategy text not null,
    tenant text,
    function text,
    title text not null,
    evidence jsonb not null,
    monthly_saving numeric(38) not null,
    confidence text not null,
    change jsonb not null,
    state text not null default 'open',
    reason text,
    found_at timestamptz not null,
    applied_by text,
    applied_at timestamptz,
    decided_at timestamptz,
    workflow_id text
  )`,
  `create index recommendations_saving on recommendations (monthly_saving desc, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table recommendations, memory_hours`.execute(db);
}
