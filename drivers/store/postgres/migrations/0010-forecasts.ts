import { sql, type Kysely } from 'kysely';

/** Trained models, what they forecast, and the steps of their training. The network of all functions has an empty function id. */
const STATEMENTS = [
  `create table forecast_models (
    function_id text not null,
    id text not null,
    tenant text,
    function text,
    state text not null,
    reason text not null,
    parent text,
    network text,
    window_from timestamptz not null,
    window_to timestamptz not null,
    data_digest text not null,
    features text[] not null,
    members text[] not null,
    metrics jsonb not null,
    workflow_id text not null,
    run_id text not null,
    created_at timestamptz not null default now(),
    primary key (function_id, id)
  )`,
  `create unique index forecast_models_deployed on forecast_models (function_id) where state = 'deployed'`,
  `create index forecast_models_newest on forecast_models (function_id, created_at desc, id desc)`,
  `create index forecast_models_age on forecast_models (created_at)`,
  `create index forecast_models_artefact on forecast_models (id)`,
  `create index forecast_models_network on forecast_models (network) where network is not null`,

  // As the records: forgetting a day is dropping a table, and a default partition takes what comes before its day is made.
  `create table forecasts (
    function_id text not null,
    at timestamptz not null,
    model_id text,
    spoke text not null,
    mean real[] not null,
    median real[] not null,
    quantiles real[] not null,
    total real[] not null,
    spike real[] not null,
    alarms boolean[] not null,
    primary key (function_id, at)
  ) partition by range (at)`,
  `create index forecasts_at on forecasts (at)`,
  `create table forecasts_default partition of forecasts default`,
  `create table latest_forecasts (
    function_id text primary key,
    at timestamptz not null,
    model_id text,
    spoke text not null,
    mean real[] not null,
    median real[] not null,
    quantiles real[] not null,
    total real[] not null,
    spike real[] not null,
    alarms boolean[] not null,
    members jsonb not null,
    features jsonb not null,
    hour_wape double precision
  )`,

  `create table training_steps (
    run text not null,
    step text not null,
    artefact text not null,
    computed integer not null default 1,
    at timestamptz not null default now(),
    primary key (run, step)
  )`,
  `create table forecast_figures (name text primary key, value double precision not null)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table forecast_figures, training_steps, latest_forecasts, forecasts, forecast_models`.execute(db);
}
