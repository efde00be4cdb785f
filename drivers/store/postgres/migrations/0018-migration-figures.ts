import { sql, type Kysely } from 'kysely';

/** What has become of all moves of functions, counted when they end: reading it does not grow with their number. */
const STATEMENTS = [
  `create table migration_figures (name text primary key, value double precision not null)`,
  `insert into migration_figures (name, value)
    with ended as (
      select state, extract(epoch from ended_at - created_at)::float8 as took from migrations where ended_at is not null
    )
    select state || ' count', count(*) from ended group by state
    union all
    select state || ' seconds', sum(took) from ended group by state
    union all
    select state || ' within ' || bound, count(*) from ended
      join unnest(array[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]) as bound on took <= bound
      group by state, bound`,
  `create index migrations_ended on migrations (ended_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index migrations_ended`.execute(db);
  await sql`drop table migration_figures`.execute(db);
}
