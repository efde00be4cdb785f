import { sql } from 'kysely';
import { z } from 'zod';
import { WARMING_FIGURES, type EndedCall, type WarmingStore, type WarmthRecord } from '../warming-store';
import { pageLimit, pageOf, readCursor, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';

/** Rows in one statement: no lock is held for long. */
const STATEMENT_ROWS = 200;
/** Calls that took longer are left out: the longer they may be, the more rows are looked at each minute. */
const LONGEST_CALL_MS = 600_000;

const newest: CursorShape<[string]> = { kind: 'warmth', schema: z.tuple([z.string()]) };

const COLUMNS = sql.raw(
  `function_id, at, decision_id, tenant, function, revision, revision_id, policy, steps, keep_alive, uses, pool, floor,
   expected_rate, forecast_mean, granted, capped, reason`,
);
/** Does a row, under this name, hold anything? */
const holds = (name: string) => sql.raw(`jsonb_path_exists(${name}.steps, '$[*] ? (@.running > 0 || @.frozen > 0)')`);

export function warmingQueries(db: Database): WarmingStore {
  return {
    async callsBetween({ from, to, perFunction, functionIds }) {
      const earliest = new Date(from.getTime() - LONGEST_CALL_MS);
      const chosen = functionIds ? sql`and function_id = any(${[...functionIds]}::text[])` : sql``;
      const { rows } = await sql<Omit<EndedCall, 'standsFor'> & { standsFor: string }>`
        with ended as (
          select function_id, at, total_ms, execute_ms, kind, queue_ms + start_ms as wait_ms,
            row_number() over (partition by function_id order by at, id) - 1 as place,
            ceil(count(*) over (partition by function_id) / ${perFunction}::float8)::int as stands_for
          from invocations
          where at >= ${earliest} and at < ${to} and kind is not null ${chosen}
            and at + total_ms * interval '1 millisecond' >= ${from}
            and at + total_ms * interval '1 millisecond' < ${to}
        )
        select function_id, at, total_ms, execute_ms, kind, wait_ms, stands_for
        from ended where place % stands_for = 0 order by function_id, at`.execute(db);
      return rows.map((row) => ({ ...row, standsFor: Number(row.standsFor) }));
    },

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

    async addWarmingFigures(figures) {
      const rows = WARMING_FIGURES.flatMap((name) => {
        const value = figures[name] ?? 0;
        return value === 0 ? [] : [{ name, value }];
      });
      if (rows.length === 0) return;
      await db
        .insertInto('warmingFigures')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ value: sql`warming_figures.value + excluded.value` }),
        )
        .execute();
    },

    async warmingFigures() {
      const rows = await db.selectFrom('warmingFigures').selectAll().execute();
      const found = new Map(rows.map(({ name, value }) => [name, value]));
      return Object.fromEntries(WARMING_FIGURES.map((name) => [name, found.get(name) ?? 0])) as Awaited<
        ReturnType<WarmingStore['warmingFigures']>
      >;
    },
  };
}
