import { sql } from 'kysely';
import type { Store } from '../store';
import { pageLimit } from './cursor';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';
import { inOrder, notify } from './notify';
import { pageOfRows, recordBounds, recordCursor } from './record-id';

export function logQueries(db: Database): Pick<Store, 'writeLogs' | 'logs'> {
  return {
    async writeLogs(batch) {
      if (batch.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        await inOrder(transaction, 'logs');
        await sql`
          insert into logs (at, tenant, function, revision, node, instance_id, invocation_id, stream, text)
          select at, tenant, function, revision, node, instance_id, invocation_id, stream, text
          from json_populate_recordset(null::logs, ${jsonRows(batch)}::json)`.execute(transaction);
        await notify(
          transaction,
          'logs',
          batch.map((line) => `${line.tenant}/${line.function}`),
        );
      });
    },

    async logs(query) {
      const shape = recordCursor('logs', query);
      let select = db.selectFrom('logs').selectAll().where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.invocationId !== undefined) select = select.where('invocationId', '=', query.invocationId);
      if (query.since !== undefined) select = select.where('at', '>=', query.since);
      for (const bound of recordBounds(shape, query)) select = select.where(bound);
      const rows = await select
        .orderBy('id', query.newestFirst ? 'desc' : 'asc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOfRows(rows, query, shape);
    },
  };
}
