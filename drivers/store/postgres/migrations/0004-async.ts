import { sql, type Kysely } from 'kysely';

/** Asynchronous invocations, the processes that make their tries, and the cron expressions of live revisions. */
const STATEMENTS = [
  `create table async_invocations (
    id text primary key,
    tenant text not null,
    function_id text not null,
    function text not null,
    alias text not null,
    origin text not null,
    hops integer not null default 0,
    method text not null,
    path text not null,
    headers jsonb not null,
    remote_address text,
    body bytea,
    body_digest text,
    body_length bigint not null,
    policy jsonb not null,
    idempotency_key text,
    fingerprint text,
    state text not null default 'queued',
    tries integer not null default 0,
    failures integer not null default 0,
    worker text,
    accepted_at timestamptz not null default now(),
    due_at timestamptz not null default now(),
    expires_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz,
    forget_at timestamptz,
    reason text,
    result_status integer,
    result_headers jsonb,
    result_body bytea,
    result_digest text,
    result_length bigint not null default 0,
    result_truncated boolean not null default false,
    history jsonb not null default '[]'
  )`,
  `create unique index async_invocations_key on async_invocations (function_id, idempotency_key)
    where idempotency_key is not null`,
  `create index async_invocations_newest on async_invocations (tenant, id desc)`,
  `create index async_invocations_function on async_invocations (tenant, function, id desc)`,
  `create index async_invocations_forget on async_invocations (forget_at) where forget_at is not null`,
  `create index async_invocations_open on async_invocations (tenant, function, state)
    where state in ('queued', 'waiting', 'running', 'dead')`,
  `create index async_invocations_worker on async_invocations (worker) where state = 'running'`,
  `create index async_invocations_body on async_invocations (body_digest) where body_digest is not null`,
  `create index async_invocations_result on async_invocations (result_digest) where result_digest is not null`,

  `create table async_workers (
    id text primary key,
    gateway text not null,
    seen_at timestamptz not null default now()
  )`,
  `create table cron_triggers (
    function_id text not null,
    name text not null,
    tenant text not null,
    function text not null,
    trigger jsonb not null,
    policy jsonb not null,
    next_at timestamptz,
    primary key (function_id, name)
  )`,
  `create index cron_triggers_due on cron_triggers (next_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table cron_triggers, async_workers, async_invocations`.execute(db);
}
