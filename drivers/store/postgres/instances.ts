import { sql } from 'kysely';
import type { Store } from '../store';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';

const MOST = 1000;

export function instanceQueries(db: Database): Pick<Store, 'upsertInstances' | 'instances'> {
  return {
    async upsertInstances(batch) {
      if (batch.length === 0) return;
      // One statement may touch a row once, and rows in one order for all writers cannot deadlock.
      const last = new Map(batch.map((row) => [row.id, row]));
      const rows = [...last.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      await sql`
        insert into instances (id, tenant, function, revision, node, state, kind, started_at, ended_at, reason)
        select id, tenant, function, revision, node, state, kind, started_at, ended_at, reason
        from json_populate_recordset(null::instances, ${jsonRows(rows)}::json)
        on conflict (id) do update set
          state = excluded.state, kind = excluded.kind, node = excluded.node,
          ended_at = excluded.ended_at, reason = excluded.reason
        where instances.ended_at is null or excluded.ended_at is not null`.execute(db);
    },

    instances: (query) => {
      let select = db.selectFrom('instances').selectAll();
      if (query.tenant !== undefined) select = select.where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.node !== undefined) select = select.where('node', '=', query.node);
      if (query.live !== undefined) select = select.where('endedAt', query.live ? 'is' : 'is not', null);
      return select.orderBy('startedAt', 'desc').orderBy('id').limit(MOST).execute();
    },
  };
}
