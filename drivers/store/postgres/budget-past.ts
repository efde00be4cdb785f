import { sql } from 'kysely';
import { CREDIT } from '../../../core/cost/price-table';
import type { BudgetStore, SpendWindow } from '../budget-store';
import type { Database } from './database-schema';

/** What functions of budgets have cost, from the hours of the ledger: a minute for each function would be a million rows a day. */
export function budgetPastQueries(db: Database): Pick<BudgetStore, 'spendByHour' | 'spendByComponent'> {
  return {
    async spendByHour(query) {
      const { rows } = await sql<{ hour: Date; amount: string }>`
        select hour, sum(amount)::text as amount from ledger_hours where ${within(query)}
        group by hour order by hour`.execute(db);
      return rows.map(({ hour, amount }) => ({ hour, amount: BigInt(amount) }));
    },

    async spendByComponent(query) {
      const [{ rows }, first] = await Promise.all([
        sql<{ functionId: string; component: string; quantity: number; amount: string }>`
          select function_id, component, sum(quantity)::float8 as quantity, sum(amount)::text as amount
          from ledger_hours where ${within(query)} group by 1, 2 order by 1, 2`.execute(db),
        sql<{ since: Date | null }>`
          select min(minute) as since from ledger
          where tenant = ${query.tenant} and minute >= ${query.from} and minute < ${query.to}`.execute(db),
      ]);
      const spends = rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
      return { since: first.rows[0]?.since ?? null, spends };
    },
  };
}

function within({ tenant, functionIds, from, to }: SpendWindow) {
  const ids = functionIds === null ? null : [...functionIds];
  return sql`tenant = ${tenant} and hour >= ${from} and hour < ${to} and component <> ${CREDIT}
    and (${ids}::text[] is null or function_id = any(${ids}::text[]))`;
}
