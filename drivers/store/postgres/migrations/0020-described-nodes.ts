import { sql, type Kysely } from 'kysely';

/** What the cluster says of a node, which counts before what its agent says. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table nodes add column described jsonb`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table nodes drop column described`.execute(db);
}
