import { sql } from 'kysely';
import type { Store } from '../store';
import { pageLimit } from './cursor';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';
import { inOrder, notify } from './notify';
import { pageOfRows, recordBounds, recordCursor } from './record-id';

/** Within a transaction: they are there, and are told of, with all else that it does. */
export async function insertEvents(transaction: Database, batch: Parameters<Store['writeEvents']>[0]): Promise<void> {
  await inOrder(transaction, 'events');
  await sql`
    insert into events (at, tenant, type, function, node, data)
    select at, tenant, type, function, node, coalesce(data, '{}')
    from json_populate_recordset(null::events, ${jsonRows(batch)}::json)`.execute(transaction);
  await notify(
    transaction,
    'events',
    batch.map((event) => event.tenant ?? '*'),
  );
}

export function eventQueries(db: Database): Pick<Store, 'writeEvents' | 'events'> {
  return {
    async writeEvents(batch) {
      if (batch.length === 0) return;
      await db.transaction().execute((transaction) => insertEvents(transaction, batch));
    },

    async events(query) {
      const shape = recordCursor('events', query);
      let select = db.selectFrom('events').selectAll();
      if (query.tenant !== null) select = select.where('tenant', '=', query.tenant);
      if (query.types && query.types.length > 0) select = select.where('type', 'in', query.types);
      for (const bound of recordBounds(shape, query)) select = select.where(bound);
      const rows = await select
        .orderBy('id', query.newestFirst ? 'desc' : 'asc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOfRows(rows, query, shape);
    },
  };
}
