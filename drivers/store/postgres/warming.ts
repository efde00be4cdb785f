import { sql } from 'kysely';
import { z } from 'zod';
import { WARMING_FIGURES, type WarmingStore, type WarmthRecord } from '../warming-store';
import { pageLimit, pageOf, readCursor, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { endedCalls } from './ended-calls';
import { figuresIn } from './figures';
import { jsonRows } from './json-rows';

/** Rows in one statement: no lock is held for long. */
const STATEMENT_ROWS = 200;

const newest: CursorShape<[string]> = { kind: 'warmth', schema: z.tuple([z.string()]) };

const COLUMNS = sql.raw(
  `function_id, at, decision_id, tenant, function, revision, revision_id, policy, steps, keep_alive, uses, pool, floor,
   expected_rate, forecast_mean, granted, capped, reason`,
);
/** Does a row, under this name, hold anything? */
const holds = (name: string) => sql.raw(`jsonb_path_exists(${name}.steps, '$[*] ? (@.running > 0 || @.frozen > 0)')`);

export function warmingQueries(db: Database): WarmingStore {
  const figures = figuresIn(db, 'warmingFigures', WARMING_FIGURES);
  return {
    callsBetween: (query) => endedCalls(db, query),

    async meanExecuteMs(since) {
      const { rows } = await sql<{ functionId: string; executeMs: number }>`
        select function_id, (sum(execute_ms) / sum(total))::float8 as execute_ms from function_minutes
        where minute >= ${since} group by function_id having sum(total) > 0`.execute(db);
      return new Map(rows.map(({ functionId, executeMs }) => [functionId, executeMs]));
    },

    latestForecasts: (since) =>
      db
        .selectFrom('latestForecasts')
        .select(['functionId', 'at', 'mean', 'quantiles'])
        .where('at', '>=', since)
        .orderBy('functionId')
        .execute(),

    async writeWarmth(batch) {
      for (let from = 0; from < batch.length; from += STATEMENT_ROWS) {
        const rows = jsonRows(batch.slice(from, from + STATEMENT_ROWS));
        await sql`
          with given as (
            select ${COLUMNS} from json_populate_recordset(null::latest_warmth, ${rows}::json) order by function_id
          ), before as (
            select latest_warmth.* from latest_warmth join given using (function_id)
          ), latest as (
            insert into latest_warmth as old (${COLUMNS}) select ${COLUMNS} from given
            on conflict (function_id) do update set
              at = excluded.at, decision_id = excluded.decision_id, tenant = excluded.tenant, function = excluded.function,
              revision = excluded.revision, revision_id = excluded.revision_id, policy = excluded.policy,
              steps = excluded.steps, keep_alive = excluded.keep_alive, uses = excluded.uses, pool = excluded.pool,
              floor = excluded.floor, expected_rate = excluded.expected_rate, forecast_mean = excluded.forecast_mean,
              granted = excluded.granted, capped = excluded.capped, reason = excluded.reason
          )
          insert into warming_decisions (${COLUMNS})
          select ${COLUMNS} from given
          where ${holds('given')}
            or exists (select 1 from before where before.function_id = given.function_id and ${holds('before')})
          on conflict do nothing`.execute(db);
      }
    },

    warmthOf: (decisionId) =>
      db
        .selectFrom('latestWarmth')
        .selectAll()
        .where('decisionId', '=', decisionId)
        .orderBy('tenant')
        .orderBy('function')
        .execute(),

    latestWarmth: async (functionId) =>
      (await db.selectFrom('latestWarmth').selectAll().where('functionId', '=', functionId).executeTakeFirst()) ?? null,

    async warmthHistory({ functionId, ...page }) {
      const after = readCursor(newest, page);
      let select = db.selectFrom('warmingDecisions').selectAll().where('functionId', '=', functionId);
      if (after) select = select.where('at', '<', new Date(after[0]));
      const rows: readonly WarmthRecord[] = await select
        .orderBy('at', 'desc')
        .limit(pageLimit(page) + 1)
        .execute();
      return pageOf(rows, page, newest, (row) => [row.at.toISOString()]);
    },

    addWarmingFigures: (added) => figures.add(added),
    warmingFigures: () => figures.read(),
  };
}
