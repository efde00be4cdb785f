import { sql, type Kysely } from 'kysely';

/** The authority that certifies nodes, sealed under the data key of the tenant `default`. There is one row at most. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table authority (
      one boolean primary key default true check (one),
      sealed bytea not null
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table authority`.execute(db);
}
