import { sql, type Kysely } from 'kysely';

/**
 * Requests a minute that another system counted, a row for each function and UTC day: 1,440 cells, null where nothing was
 * imported. A row for each minute would be a million of them for fifty functions and two weeks.
 */
const STATEMENTS = [
  `create table imported_days (
    function_id text not null references functions (id) on delete cascade,
    day timestamptz not null,
    tenant text not null,
    source text not null,
    counts integer[] not null check (array_length(counts, 1) = 1440),
    imported_at timestamptz not null default now(),
    primary key (function_id, day)
  )`,
  `create index imported_days_day on imported_days (day)`,
  `create function presage_merge_minutes(new integer[], old integer[]) returns integer[] language sql immutable as $$
    select array_agg(coalesce(n, o) order by i) from unnest(new, old) with ordinality as cells(n, o, i)
  $$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop function presage_merge_minutes`.execute(db);
  await sql`drop table imported_days`.execute(db);
}
