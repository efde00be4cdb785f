import { sql, type Kysely } from 'kysely';

/** Records of asynchronous invocations: one for each try, told apart by its number. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table invocations add column attempt integer`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table invocations drop column attempt`.execute(db);
}
