import { sql, type Kysely } from 'kysely';

/** What tenants and keys may do. One row for a tenant, with an empty `key_id`, and one for each key that has its own. */
const STATEMENTS = [
  `create table limits (
    tenant text not null references tenants (name),
    key_id text not null default '',
    limits jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (tenant, key_id)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table limits`.execute(db);
}
