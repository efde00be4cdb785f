import { periodAt } from '../../core/budget/period';
import type { BudgetRecord, BudgetState } from '../../drivers/store/budget-store';
import type { SpendQuery } from '../../drivers/store/cost-store';
import type { Store } from '../../drivers/store/store';

/** What was decided of a budget, and the picodollars that its period under way has spent. */
export interface BudgetStanding {
  readonly budget: BudgetRecord;
  readonly state: BudgetState | null;
  readonly spent: bigint;
}

/** How budgets of one tenant stand, in their order. @param now Unix milliseconds */
export async function budgetStandings(
  store: Store,
  budgets: readonly BudgetRecord[],
  now: number,
): Promise<BudgetStanding[]> {
  const tenant = budgets[0]?.tenant;
  if (tenant === undefined) return [];
  const queries = await Promise.all(budgets.map((budget) => spendWindow(store, budget, now)));
  const [states, spends] = await Promise.all([store.budgetStates({ tenant }), store.spend(queries)]);
  return budgets.map((budget, index) => ({
    budget,
    state: states.find(({ budgetId }) => budgetId === budget.id) ?? null,
    spent: spends[index]?.spent ?? 0n,
  }));
}

/** Whose spend counts in the budget's period under way. @param now Unix milliseconds */
export async function spendWindow(store: Store, { tenant, spec }: BudgetRecord, now: number): Promise<SpendQuery> {
  const functions = spec.functions ? await store.budgetFunctions(tenant, spec.functions) : null;
  const functionIds = functions?.map(({ id }) => id) ?? null;
  const { start, end } = periodAt(spec, now);
  return { tenant, functionIds, from: new Date(start), to: new Date(end) };
}
