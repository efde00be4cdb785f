import { sql, type Kysely } from 'kysely';

/**
 * Budgets, how each stands in its period, and the alerts that it has given. An alert is a row of its own, so that each percent is
 * told of once a period, whoever notices it first and however often.
 */
const STATEMENTS = [
  `create table budgets (
    id text primary key default gen_random_uuid()::text,
    tenant text not null references tenants (name),
    name text not null,
    spec jsonb not null,
    generation integer not null default 1,
    origin text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant, name)
  )`,
  `create table budget_states (
    budget_id text primary key references budgets (id) on delete cascade,
    generation integer not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    steps text[] not null,
    plan jsonb not null,
    spent numeric(38) not null,
    spent_by_critical numeric(38) not null,
    forecast numeric(38) not null,
    decided_at timestamptz not null,
    changed_at timestamptz not null
  )`,
  `create table budget_alerts (
    budget_id text not null references budgets (id) on delete cascade,
    period_start timestamptz not null,
    percent integer not null,
    decision_id text not null,
    at timestamptz not null,
    delivery text not null,
    tries integer not null default 0,
    error text,
    settled_at timestamptz,
    primary key (budget_id, period_start, percent)
  )`,
  // Kept, but not enforced, until now: the objects that declare them make them anew.
  `delete from declared_policies where kind = 'Budget'`,
  'create table budget_figures (name text primary key, value double precision not null)',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['budget_figures', 'budget_alerts', 'budget_states', 'budgets']) {
    await sql`drop table ${sql.table(table)}`.execute(db);
  }
}
