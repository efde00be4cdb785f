import { sql, type Kysely } from 'kysely';

/** What was decided on where functions sit, and counters of it. */
const STATEMENTS = [
  `create table placement_decisions (
    id text primary key,
    at timestamptz not null,
    tenant text,
    workflow_id text not null,
    dry_run boolean not null,
    moves integer not null,
    plan jsonb not null,
    assignment jsonb,
    outcomes jsonb
  )`,
  `create index placement_decisions_newest on placement_decisions (at desc, id desc)`,
  `create table placement_figures (name text primary key, value double precision not null)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table placement_figures, placement_decisions`.execute(db);
}
