import { sql, type Kysely } from 'kysely';

/** What people declare: tenants, keys, secrets, functions with their revisions and aliases, deployments, checkpoints, instances. */
const STATEMENTS = [
  `create table tenants (
    name text primary key,
    id text not null unique default gen_random_uuid()::text,
    created_at timestamptz not null default now()
  )`,
  `create table api_keys (
    id text primary key default gen_random_uuid()::text,
    tenant text not null references tenants (name),
    name text not null,
    prefix text not null,
    hash text not null unique,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
  )`,
  `create index api_keys_tenant on api_keys (tenant, created_at)`,
  `create table secrets (
    tenant text not null references tenants (name),
    name text not null,
    sealed bytea not null,
    updated_at timestamptz not null default now(),
    primary key (tenant, name)
  )`,
  `create table functions (
    id text primary key default gen_random_uuid()::text,
    tenant text not null references tenants (name),
    name text not null,
    labels jsonb not null default '{}',
    generation integer not null default 1,
    created_at timestamptz not null default now(),
    deleted_at timestamptz
  )`,
  // A deleted function keeps its row for the records that point at it, but frees its name.
  `create unique index functions_live_name on functions (tenant, name) where deleted_at is null`,
  `create index functions_deleted on functions (deleted_at) where deleted_at is not null`,
  `create table revisions (
    id text primary key default gen_random_uuid()::text,
    function_id text not null references functions (id) on delete cascade,
    number integer not null check (number > 0),
    digest text not null,
    manifest jsonb not null,
    code_digest text not null,
    code_kind text not null,
    state text not null default 'pending',
    error text,
    created_at timestamptz not null default now(),
    unique (function_id, number),
    unique (function_id, digest)
  )`,
  `create table aliases (
    function_id text not null references functions (id) on delete cascade,
    name text not null,
    weights jsonb not null,
    generation integer not null default 1,
    updated_at timestamptz not null default now(),
    primary key (function_id, name)
  )`,
  `create table deployments (
    id text primary key,
    tenant text not null,
    function text not null,
    revision integer not null,
    state text not null default 'running',
    step text not null default 'queued',
    error text,
    workflow_id text not null,
    created_at timestamptz not null default now(),
    ended_at timestamptz
  )`,
  `create index deployments_newest on deployments (tenant, created_at desc, id desc)`,
  `create index deployments_function on deployments (tenant, function, created_at desc, id desc)`,
  `create table checkpoints (
    id text primary key,
    tenant text not null,
    function text not null,
    revision_id text not null,
    revision integer not null,
    node text not null,
    host_key text not null,
    state text not null default 'making',
    raw_bytes bigint not null default 0,
    sealed_bytes bigint not null default 0,
    digest text,
    pause_ms double precision,
    failures integer not null default 0,
    reason text,
    created_at timestamptz not null default now()
  )`,
  `create index checkpoints_revision on checkpoints (revision_id, node)`,
  `create index checkpoints_function on checkpoints (tenant, function, created_at desc)`,
  `create table instances (
    id text primary key,
    tenant text not null,
    function text not null,
    revision integer not null,
    node text not null,
    state text not null,
    kind text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    reason text
  )`,
  `create index instances_live on instances (node) where ended_at is null`,
  `create index instances_function on instances (tenant, function, started_at desc)`,
  `create index instances_newest on instances (started_at desc)`,
  `create index instances_ended on instances (ended_at) where ended_at is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table instances, checkpoints, deployments, aliases, revisions, functions, secrets, api_keys, tenants`.execute(
    db,
  );
}
