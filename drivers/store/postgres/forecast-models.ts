import { sql } from 'kysely';
import type { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { ForecastModelRecord, ForecastStore } from '../forecast-store';
import { pageLimit, pageOf, readCursor, timeAndId, type CursorShape } from './cursor';
import type { Database, DatabaseSchema } from './database-schema';
import { storableJson } from './json-rows';
import type { Selectable } from 'kysely';

type ModelQueries = Pick<
  ForecastStore,
  | 'addForecastModel'
  | 'deployForecastModel'
  | 'markForecastModel'
  | 'findForecastModel'
  | 'forecastModels'
  | 'currentForecastModels'
  | 'unneededForecastModels'
  | 'deleteForecastModel'
  | 'forecastModelCounts'
>;
type Row = Selectable<DatabaseSchema['forecastModels']>;

/** The function id in the rows of the network: the primary key takes no null. */
const NETWORK = '';
const newest: CursorShape<z.infer<typeof timeAndId>> = { kind: 'forecast-models', schema: timeAndId };

export function forecastModelQueries(db: Database): ModelQueries {
  return {
    async addForecastModel({ functionId, features, members, metrics, reason, ...model }) {
      await db
        .insertInto('forecastModels')
        .values({
          ...model,
          functionId: functionId ?? NETWORK,
          features: [...features],
          members: [...members],
          metrics: storableJson(metrics),
          reason,
        })
        .onConflict((conflict) => conflict.columns(['functionId', 'id']).doNothing())
        .execute();
    },

    deployForecastModel: ({ functionId, id, reason, ifDeployed }) =>
      db.transaction().execute(async (transaction) => {
        const own = functionId ?? NETWORK;
        // All rows of a function are held, so that of two who deploy the second sees what the first did.
        const rows = await transaction
          .selectFrom('forecastModels')
          .select(['id', 'state'])
          .where('functionId', '=', own)
          .where((where) => where.or([where('state', '=', 'deployed'), where('id', '=', id)]))
          .orderBy('id')
          .forUpdate()
          .execute();
        const before = rows.find((row) => row.state === 'deployed')?.id ?? null;
        if (ifDeployed !== undefined && before !== ifDeployed) {
          throw new PlatformError('precondition_failed', 'Another model has been deployed meanwhile');
        }
        if (!rows.some((row) => row.id === id)) throw absent(id);
        if (before === id) return;
        const update = transaction.updateTable('forecastModels').where('functionId', '=', own);
        if (before !== null) {
          await update
            .set({ state: 'superseded', reason: `another took its place: ${reason}` })
            .where('id', '=', before)
            .execute();
        }
        await update.set({ state: 'deployed', reason }).where('id', '=', id).execute();
      }),

    async markForecastModel(functionId, id, state, reason) {
      const { numUpdatedRows } = await db
        .updateTable('forecastModels')
        .set({ state, reason })
        .where('functionId', '=', functionId ?? NETWORK)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw absent(id);
    },

    async findForecastModel(functionId, id) {
      const row = await db
        .selectFrom('forecastModels')
        .selectAll()
        .where('functionId', '=', functionId ?? NETWORK)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async forecastModels(query) {
      const after = readCursor(newest, query);
      let select = db
        .selectFrom('forecastModels')
        .selectAll()
        .where('functionId', '=', query.functionId ?? NETWORK);
      if (query.states) select = select.where('state', 'in', [...query.states]);
      // Times come back in milliseconds, so that is how they are compared.
      if (after) {
        select = select.where(
          sql<boolean>`(date_trunc('milliseconds', created_at), id) < (${after[0]}::timestamptz, ${after[1]})`,
        );
      }
      const rows = await select
        .orderBy(sql`date_trunc('milliseconds', created_at)`, 'desc')
        .orderBy('id', 'desc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOf(rows.map(recordOf), query, newest, (row) => [row.createdAt.toISOString(), row.id]);
    },

    async currentForecastModels(which) {
      let select = db.selectFrom('forecastModels').selectAll();
      if (which === 'deployed') select = select.where('state', '=', 'deployed');
      const rows = await select
        .distinctOn('functionId')
        .orderBy('functionId')
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return rows.map(recordOf);
    },

    async unneededForecastModels(before, limit) {
      const { rows } = await sql<Row>`
        select model.* from forecast_models as model
        left join functions as owner on owner.id = model.function_id and owner.deleted_at is null
        where (
          model.created_at < ${before} and model.state <> 'deployed'
          and not exists (
            select from forecast_models as user_model
            where user_model.network = model.id and (user_model.state = 'deployed' or user_model.created_at >= ${before})
          )
        ) or (model.function_id <> ${NETWORK} and owner.id is null)
        order by model.created_at limit ${limit}`.execute(db);
      return rows.map(recordOf);
    },

    deleteForecastModel: (functionId, id) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('forecastModels')
          .where('functionId', '=', functionId ?? NETWORK)
          .where('id', '=', id)
          .execute();
        const other = await transaction
          .selectFrom('forecastModels')
          .select('id')
          .where('id', '=', id)
          .executeTakeFirst();
        return other === undefined;
      }),

    async forecastModelCounts() {
      const rows = await db
        .selectFrom('forecastModels')
        .select(['state', db.fn.countAll<number>().as('count')])
        .groupBy('state')
        .execute();
      return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
    },
  };
}

function absent(id: string): PlatformError {
  return new PlatformError('not_found', `There is no forecast model ${id}`);
}

function recordOf({ functionId, ...row }: Row): ForecastModelRecord {
  return { ...row, functionId: functionId === NETWORK ? null : functionId };
}
