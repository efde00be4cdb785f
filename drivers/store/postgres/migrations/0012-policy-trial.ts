import { sql, type Kysely } from 'kysely';

/** Which warming policy decides, in a table of one row, and what came of the windows that were judged. */
const STATEMENTS = [
  `create table policy_trial (
    single boolean primary key default true check (single),
    live text not null,
    challenger text,
    previous text,
    probation integer not null,
    reverted text[] not null,
    generation integer not null,
    updated_at timestamptz not null default now()
  )`,
  `create table policy_verdicts (
    run_id text primary key,
    workflow_id text not null,
    at timestamptz not null default now(),
    window_from timestamptz not null,
    window_to timestamptz not null,
    decision text not null,
    reason text not null,
    prices jsonb not null
  )`,
  `create index policy_verdicts_newest on policy_verdicts (at desc)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table policy_verdicts, policy_trial`.execute(db);
}
