import { sql, type Kysely } from 'kysely';

/** Nodes by their agents' heartbeats, and leaves to join as one. A node that was taken out keeps its row until a new agent comes. */
const STATEMENTS = [
  `create table nodes (
    name text primary key,
    tier text not null,
    region text not null,
    address text not null,
    labels jsonb not null,
    capacity jsonb not null,
    incarnation text not null,
    intent text not null default 'ready',
    reason text,
    last_seen_at timestamptz not null default now(),
    registered_at timestamptz not null default now(),
    lost_at timestamptz,
    removed_at timestamptz
  )`,
  `create table node_join_tokens (
    hash text primary key,
    node text not null,
    tier text not null,
    region text not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default now()
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table node_join_tokens, nodes`.execute(db);
}
