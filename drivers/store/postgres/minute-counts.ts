import type { Store } from '../store';
import type { Database } from './database-schema';

export function minuteCountQueries(db: Database): Pick<Store, 'minuteCounts'> {
  return {
    async minuteCounts(query) {
      let select = db
        .selectFrom('functionMinutes')
        .selectAll()
        .where('minute', '>=', query.from)
        .where('minute', '<', query.to);
      if (query.functionId !== undefined) select = select.where('functionId', '=', query.functionId);
      if (query.tenant !== undefined) select = select.where('tenant', '=', query.tenant);
      const rows = await select.orderBy('functionId').orderBy('minute').execute();
      return rows.map(({ functionId, minute, total, errors, executeMs, hot, warm, restore, cold, byCause }) => ({
        functionId,
        minute,
        total,
        errors,
        executeMs,
        byKind: { hot, warm, restore, cold },
        byCause,
      }));
    },
  };
}
