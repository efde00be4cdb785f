import { sql } from 'kysely';
import { stepPlanFromJson, stepPlanToJson, type StepPlanJson } from '../../../core/budget/step-plan-json';
import { BUDGET_FIGURES, type BudgetState, type BudgetStore } from '../budget-store';
import type { Database } from './database-schema';
import { insertEvents } from './events';
import { figuresIn } from './figures';
import { storableJson } from './json-rows';
import { notify } from './notify';
import { shareBudget } from './share-budget';

/** As it lies in the table: amounts are texts. */
type StateRow = Omit<BudgetState, 'plan' | Amount> &
  Record<Amount, string> & { readonly plan: readonly StepPlanJson[] };
type Amount = 'spent' | 'spentByCritical' | 'forecast';

/** How budgets stand, and what they have told. */
export function budgetStateQueries(
  db: Database,
): Pick<BudgetStore, 'budgetStates' | 'setBudgetState' | 'addBudgetFigures' | 'budgetFigures'> {
  const figures = figuresIn(db, 'budgetFigures', BUDGET_FIGURES);
  return {
    async budgetStates({ tenant } = {}) {
      const { rows } = await sql<StateRow>`
        select budget_states.*, coalesce(
          (select array_agg(percent order by percent) from budget_alerts
            where budget_alerts.budget_id = budget_states.budget_id
              and budget_alerts.period_start = budget_states.period_start),
          '{}') as alerted
        from budget_states join budgets on budgets.id = budget_states.budget_id
        where ${tenant ?? null}::text is null or budgets.tenant = ${tenant ?? null}
        order by budgets.tenant, budgets.name`.execute(db);
      return rows.map((row) => ({
        ...row,
        plan: row.plan.map(stepPlanFromJson),
        spent: BigInt(row.spent),
        spentByCritical: BigInt(row.spentByCritical),
        forecast: BigInt(row.forecast),
      }));
    },

    setBudgetState: ({ plan, spent, spentByCritical, forecast, steps, budgetId, ...state }, { ifDecidedAt, events }) =>
      db.transaction().execute(async (transaction) => {
        const budget = await shareBudget(transaction, budgetId);
        if (!budget) return false;
        const before = await transaction
          .selectFrom('budgetStates')
          .select(['decidedAt', 'steps', 'periodStart', 'generation'])
          .where('budgetId', '=', budgetId)
          .forUpdate()
          .executeTakeFirst();
        if ((before?.decidedAt.getTime() ?? null) !== (ifDecidedAt?.getTime() ?? null)) return false;
        const row = {
          ...state,
          steps: [...steps],
          plan: storableJson(plan.map(stepPlanToJson)),
          spent: spent.toString(),
          spentByCritical: spentByCritical.toString(),
          forecast: forecast.toString(),
        };
        const written = await transaction
          .insertInto('budgetStates')
          .values({ budgetId, ...row })
          .onConflict((conflict) =>
            // Without a row nothing was locked: whoever made one meanwhile was first.
            before ? conflict.column('budgetId').doUpdateSet(row) : conflict.doNothing(),
          )
          .returning('budgetId')
          .executeTakeFirst();
        if (!written) return false;
        if (events.length > 0) await insertEvents(transaction, events);
        const same =
          before?.generation === state.generation &&
          before.periodStart.getTime() === state.periodStart.getTime() &&
          before.steps.join() === steps.join();
        if (!same) await notify(transaction, 'budgets', [`${budget.tenant}/${budget.name}`]);
        return true;
      }),

    addBudgetFigures: (added) => figures.add(added),
    budgetFigures: () => figures.read(),
  };
}
