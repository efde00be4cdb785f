import { sql, type Kysely } from 'kysely';

/** Budgets and placement policies that objects of Kubernetes declare. */
const STATEMENTS = [
  `create table declared_policies (
    kind text not null,
    tenant text not null,
    name text not null,
    uid text not null,
    generation integer not null,
    spec jsonb not null,
    primary key (kind, tenant, name)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table declared_policies`.execute(db);
}
