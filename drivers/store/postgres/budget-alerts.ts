import type { BudgetStore } from '../budget-store';
import type { Database } from './database-schema';
import { insertEvents } from './events';
import { storableText } from './json-rows';
import { notify } from './notify';
import { shareBudget } from './share-budget';

/** What budgets have told of, and whom it reached. */
export function budgetAlertQueries(db: Database): Pick<BudgetStore, 'raiseAlerts' | 'settleAlert' | 'budgetAlerts'> {
  return {
    raiseAlerts: ({ budgetId, periodStart, decisionId, at, delivery, alerts }) =>
      db.transaction().execute(async (transaction) => {
        const budget = await shareBudget(transaction, budgetId);
        if (!budget) return [];
        const rows = [...alerts]
          .sort((a, b) => a.percent - b.percent)
          .map(({ percent }) => ({ budgetId, periodStart, percent, decisionId, at, delivery }));
        const added =
          rows.length === 0
            ? []
            : await transaction
                .insertInto('budgetAlerts')
                .values(rows)
                .onConflict((conflict) => conflict.doNothing())
                .returning('percent')
                .execute();
        const fresh = new Set(added.map(({ percent }) => percent));
        if (fresh.size > 0) {
          const told = alerts.filter(({ percent }) => fresh.has(percent));
          await insertEvents(
            transaction,
            told.map(({ event }) => event),
          );
          await notify(transaction, 'budgets', [`${budget.tenant}/${budget.name}`]);
        }
        const own = await transaction
          .selectFrom('budgetAlerts')
          .select('percent')
          .where('budgetId', '=', budgetId)
          .where('periodStart', '=', periodStart)
          .where('decisionId', '=', decisionId)
          .orderBy('percent')
          .execute();
        return own.map(({ percent }) => percent);
      }),

    async settleAlert({ budgetId, periodStart, percent, delivery, tries, error, settledAt }) {
      const { numUpdatedRows } = await db
        .updateTable('budgetAlerts')
        .set({ delivery, tries, error: error === null ? null : storableText(error), settledAt })
        .where('budgetId', '=', budgetId)
        .where('periodStart', '=', periodStart)
        .where('percent', '=', percent)
        .where('delivery', '=', 'waiting')
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    budgetAlerts: (budgetId, limit) =>
      db
        .selectFrom('budgetAlerts')
        .select(['budgetId', 'periodStart', 'percent', 'at', 'delivery', 'tries', 'error', 'settledAt'])
        .where('budgetId', '=', budgetId)
        .orderBy('periodStart', 'desc')
        .orderBy('percent', 'desc')
        .limit(limit)
        .execute(),
  };
}
