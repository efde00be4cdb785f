import { sql } from 'kysely';
import { HORIZON, QUANTILES } from '../../../core/forecast/forecast';
import type { ForecastStore } from '../forecast-store';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';

type ForecastQueries = Pick<
  ForecastStore,
  'writeForecasts' | 'latestForecast' | 'latestWapes' | 'forecasts' | 'nearForecasts'
>;

const COLUMNS = [
  'functionId',
  'at',
  'modelId',
  'spoke',
  'mean',
  'median',
  'quantiles',
  'total',
  'spike',
  'alarms',
] as const;
/** The larger one of the first two minutes of each quantile; arrays begin with 1. */
const NEAR = QUANTILES.map((_, level) => level * HORIZON + 1).map(
  (i) => `greatest(quantiles[${i}], quantiles[${i + 1}])`,
);
/** Counts are whole: a quantile that rounds to none says that there will be none. */
const POSSIBLE = 0.5;
/** Rows in one statement: no lock is held for long. */
const STATEMENT_ROWS = 200;

export function forecastQueries(db: Database): ForecastQueries {
  return {
    async writeForecasts(batch) {
      const first: string[] = [];
      for (let from = 0; from < batch.length; from += STATEMENT_ROWS) {
        const given = jsonRows(batch.slice(from, from + STATEMENT_ROWS));
        const { rows } = await sql<{ functionId: string }>`
          with given as (
            select * from json_populate_recordset(null::latest_forecasts, ${given}::json)
          ), latest as (
            insert into latest_forecasts as old
            select * from given
            on conflict (function_id) do update set
              at = excluded.at, model_id = excluded.model_id, spoke = excluded.spoke, mean = excluded.mean, median = excluded.median,
              quantiles = excluded.quantiles, total = excluded.total, spike = excluded.spike, alarms = excluded.alarms,
              members = excluded.members, features = excluded.features, hour_wape = excluded.hour_wape
            where old.at < excluded.at
            returning function_id
          ), kept as (
            insert into forecasts (function_id, at, model_id, spoke, mean, median, quantiles, total, spike, alarms)
            select function_id, at, model_id, spoke, mean, median, quantiles, total, spike, alarms from given
            on conflict do nothing
          )
          select function_id from latest`.execute(db);
        first.push(...rows.map(({ functionId }) => functionId));
      }
      return first;
    },

    async latestForecast(functionId) {
      const row = await db
        .selectFrom('latestForecasts')
        .selectAll()
        .where('functionId', '=', functionId)
        .executeTakeFirst();
      return row ?? null;
    },

    async latestWapes(limit) {
      const rows = await db
        .selectFrom('latestForecasts')
        .innerJoin('functions', 'functions.id', 'latestForecasts.functionId')
        .select(['functions.tenant', 'functions.name as function', 'latestForecasts.hourWape as wape'])
        .select(sql<number | null>`latest_forecasts.total[1]::float8`.as('expected'))
        .where('functions.deletedAt', 'is', null)
        .where('latestForecasts.hourWape', 'is not', null)
        .orderBy(sql`latest_forecasts.total[1]`, 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ wape, expected, ...row }) => ({ ...row, wape: wape ?? 0, expected: expected ?? 0 }));
    },

    async nearForecasts({ from, to, functionIds }) {
      const { rows } = await sql<{ functionId: string; at: Date; mean: number; quantiles: number[] }>`
        select function_id, at, greatest(mean[1], mean[2])::float8 as mean, array[${sql.raw(NEAR.join())}]::float8[] as quantiles
        from forecasts
        where at >= ${from} and at < ${to} and function_id = any(${[...functionIds]}::text[])
          and ${sql.raw(NEAR.at(-1) ?? 'null')} >= ${POSSIBLE}
        order by function_id, at`.execute(db);
      return rows;
    },

    async forecasts({ functionId, from, to }) {
      let select = db.selectFrom('forecasts').select(COLUMNS).where('at', '>=', from).where('at', '<', to);
      if (functionId !== undefined) select = select.where('functionId', '=', functionId);
      return select.orderBy('functionId').orderBy('at').execute();
    },
  };
}
