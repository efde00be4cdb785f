import { sql } from 'kysely';
import type { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { DeploymentRecord, Store } from '../store';
import { pageLimit, pageOf, readCursor, timeAndId, type CursorShape } from './cursor';
import type { Database } from './database-schema';

type DeploymentQueries = Pick<Store, 'createDeployment' | 'updateDeployment' | 'findDeployment' | 'deployments'>;

const newest: CursorShape<z.infer<typeof timeAndId>> = { kind: 'deployments', schema: timeAndId };

export function deploymentQueries(db: Database): DeploymentQueries {
  return {
    createDeployment: (input) =>
      db
        .insertInto('deployments')
        // The time is ours, in whole milliseconds: a cursor keeps no more of it.
        .values({ ...input, createdAt: new Date(), error: null, endedAt: null })
        .returningAll()
        .executeTakeFirstOrThrow(),

    async updateDeployment(id, change) {
      const ended = change.state === 'succeeded' || change.state === 'failed';
      const result = await db
        .updateTable('deployments')
        // `id = id` keeps the statement whole when nothing is to be changed.
        .set({ id, ...change, ...(ended ? { endedAt: sql<Date>`coalesce(ended_at, now())` } : {}) })
        .where('id', '=', id)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) throw new PlatformError('not_found', `There is no deployment ${id}`);
    },

    async findDeployment(tenant, id): Promise<DeploymentRecord | null> {
      const row = await db
        .selectFrom('deployments')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    async deployments(query) {
      const after = readCursor(newest, query);
      let select = db.selectFrom('deployments').selectAll().where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.revision !== undefined) select = select.where('revision', '=', query.revision);
      if (query.state !== undefined) select = select.where('state', '=', query.state);
      if (after) select = select.where(sql<boolean>`(created_at, id) < (${after[0]}::timestamptz, ${after[1]})`);
      const rows = await select
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOf(rows, query, newest, (row) => [row.createdAt.toISOString(), row.id]);
    },
  };
}
