import type { AuditRecord, AuditStore } from '../../drivers/store/audit-store';
import { memoryPage } from './memory-list';

/** The audit log in an array. */
export function memoryAudit(): AuditStore {
  const rows: AuditRecord[] = [];
  return {
    writeAudit: async (batch) => {
      for (const row of batch) rows.push({ ...row, id: String(rows.length + 1) });
    },
    audit: async (query) => {
      const found = rows.filter(
        (row) =>
          (query.tenant === null || row.tenant === query.tenant) &&
          (query.principal === undefined || row.principal === query.principal) &&
          (query.action === undefined || row.action === query.action) &&
          (query.resource === undefined || row.resource.startsWith(query.resource)) &&
          (query.outcome === undefined || row.outcome === query.outcome) &&
          (query.since === undefined || row.at >= query.since) &&
          (query.until === undefined || row.at < query.until),
      );
      return memoryPage('audit-newest', found.reverse(), query, (row) => row.id);
    },
  };
}
