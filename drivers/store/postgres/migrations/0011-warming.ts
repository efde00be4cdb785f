import { sql, type Kysely } from 'kysely';

const COLUMNS = `
    at timestamptz not null,
    decision_id text not null,
    tenant text not null,
    function text not null,
    revision integer not null,
    revision_id text not null,
    policy text not null,
    steps jsonb not null,
    keep_alive double precision[] not null,
    uses double precision[] not null,
    pool integer not null,
    floor integer not null,
    expected_rate double precision not null,
    forecast_mean double precision,
    granted jsonb not null,
    capped boolean not null,
    reason text not null`;

/** What is held ready, and why: the newest decision of each function, and those before it. */
const STATEMENTS = [
  `create table latest_warmth (function_id text primary key, ${COLUMNS})`,
  `create index latest_warmth_decision on latest_warmth (decision_id)`,
  // As the records: forgetting a day is dropping a table.
  `create table warming_decisions (function_id text not null, ${COLUMNS}, primary key (function_id, at))
   partition by range (at)`,
  `create table warming_decisions_default partition of warming_decisions default`,
  `create table warming_figures (name text primary key, value double precision not null)`,
  // Each minute's calls are read for all tenants at once. Rows lie in the order of their time, so that a few bytes for each
  // run of pages are enough, and inserts hardly notice.
  `create index invocations_at on invocations using brin (at) with (pages_per_range = 16, autosummarize = on)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index invocations_at`.execute(db);
  await sql`drop table warming_figures, warming_decisions, latest_warmth`.execute(db);
}
