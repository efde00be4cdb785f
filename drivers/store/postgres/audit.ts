import { sql } from 'kysely';
import type { AuditStore } from '../audit-store';
import { pageLimit, pageOf } from './cursor';
import type { Database } from './database-schema';
import { jsonRows } from './json-rows';
import { recordBounds, recordCursor } from './record-id';

export function auditQueries(db: Database): AuditStore {
  return {
    async writeAudit(batch) {
      if (batch.length === 0) return;
      await sql`
        insert into audit (at, tenant, principal, action, resource, before, after, request_id, address, outcome, status)
        select at, tenant, principal, action, resource, before, after, request_id, address, outcome, status
        from json_populate_recordset(null::audit, ${jsonRows(batch)}::json)`.execute(db);
    },

    async audit(query) {
      const order = { ...query, newestFirst: true };
      const shape = recordCursor('audit', order);
      let select = db.selectFrom('audit').selectAll();
      if (query.tenant !== null) select = select.where('tenant', '=', query.tenant);
      if (query.principal !== undefined) select = select.where('principal', '=', query.principal);
      if (query.action !== undefined) select = select.where('action', '=', query.action);
      if (query.outcome !== undefined) select = select.where('outcome', '=', query.outcome);
      if (query.since !== undefined) select = select.where('at', '>=', query.since);
      if (query.until !== undefined) select = select.where('at', '<', query.until);
      if (query.resource !== undefined) select = select.where(sql<boolean>`starts_with(resource, ${query.resource})`);
      for (const bound of recordBounds(shape, order)) select = select.where(bound);
      const rows = await select
        .orderBy('id', 'desc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOf(
        rows.map((row) => ({ ...row, id: String(row.id) })),
        query,
        shape,
        (row) => row.id,
      );
    },
  };
}
