import { sql, type Kysely } from 'kysely';

/** Who changed what. Partitioned by day as the other records are; a trigger keeps everybody from changing what is written. */
const STATEMENTS = [
  `create sequence audit_id_seq`,
  `create table audit (
    id bigint not null default nextval('audit_id_seq'),
    at timestamptz not null,
    tenant text,
    principal text,
    action text not null,
    resource text not null,
    before text,
    after text,
    request_id text not null,
    address text not null,
    outcome text not null,
    status integer not null,
    primary key (id, at)
  ) partition by range (at)`,
  `create index audit_tenant on audit (tenant, id)`,
  `create table audit_default partition of audit default`,
  // Retention drops whole days; it moves rows only between the default partition and their day's.
  `create function presage_append_only() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and current_setting('presage.maintenance', true) = 'on' then
      return old;
    end if;
    raise exception 'the audit log is append-only';
  end
  $$`,
  `create trigger audit_append_only before update or delete on audit
    for each row execute function presage_append_only()`,
  `create trigger audit_no_truncate before truncate on audit
    for each statement execute function presage_append_only()`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table audit`.execute(db);
  await sql`drop function presage_append_only`.execute(db);
  await sql`drop sequence audit_id_seq`.execute(db);
}
