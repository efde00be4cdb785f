import { sql, type Kysely } from 'kysely';

/** Keys that end, turn over and tell of their last use; data keys of tenants, wrapped by a master key; who sent which code. */
const STATEMENTS = [
  `alter table api_keys
    add column expires_at timestamptz,
    add column last_used_at timestamptz,
    add column rotated_at timestamptz,
    add column previous_hash text unique,
    add column previous_until timestamptz`,
  `create table data_keys (
    tenant text not null references tenants (name),
    version integer not null check (version > 0),
    wrapped bytea not null,
    master_id text not null,
    created_at timestamptz not null default now(),
    primary key (tenant, version)
  )`,
  // Equal code is one blob, whoever sent it: that one has a digest must not be enough to run what somebody else sent.
  `create table code_uploads (
    tenant text not null references tenants (name),
    digest text not null,
    uploaded_at timestamptz not null default now(),
    primary key (tenant, digest)
  )`,
  `insert into code_uploads (tenant, digest)
    select distinct functions.tenant, revisions.code_digest
    from revisions join functions on functions.id = revisions.function_id`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table code_uploads, data_keys`.execute(db);
  await sql`alter table api_keys
    drop column expires_at, drop column last_used_at, drop column rotated_at,
    drop column previous_hash, drop column previous_until`.execute(db);
}
