import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { DeploymentRecord, Store } from '../store';
import type { Database } from './database-schema';
import { newestPage, type NewestFirst } from './newest-page';

type DeploymentQueries = Pick<Store, 'createDeployment' | 'updateDeployment' | 'findDeployment' | 'deployments'>;

const newest: NewestFirst<DeploymentRecord> = {
  kind: 'deployments',
  column: 'createdAt',
  timeOf: ({ createdAt }) => createdAt,
};

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

    deployments(query) {
      let select = db.selectFrom('deployments').selectAll().where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.revision !== undefined) select = select.where('revision', '=', query.revision);
      if (query.state !== undefined) select = select.where('state', '=', query.state);
      return newestPage(select, query, newest);
    },
  };
}
