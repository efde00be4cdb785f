import { PlatformError } from '../../../core/error/platform-error';
import type { Store } from '../store';
import type { Database } from './database-schema';

export function checkpointQueries(db: Database): Pick<Store, 'createCheckpoint' | 'updateCheckpoint' | 'checkpoints'> {
  return {
    createCheckpoint: (input) =>
      db
        .insertInto('checkpoints')
        .values({ ...input, digest: null, pauseMs: null, reason: null })
        .returningAll()
        .executeTakeFirstOrThrow(),

    async updateCheckpoint(id, change) {
      const result = await db
        .updateTable('checkpoints')
        .set({ id, ...change })
        .where('id', '=', id)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) throw new PlatformError('not_found', `There is no checkpoint ${id}`);
    },

    async checkpoints(query) {
      if (query.states?.length === 0) return [];
      let select = db.selectFrom('checkpoints').selectAll();
      if (query.tenant !== undefined) select = select.where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.revisionId !== undefined) select = select.where('revisionId', '=', query.revisionId);
      if (query.node !== undefined) select = select.where('node', '=', query.node);
      if (query.states) select = select.where('state', 'in', query.states);
      return select.orderBy('createdAt', 'desc').orderBy('id', 'desc').execute();
    },
  };
}
