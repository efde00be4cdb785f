import { allowancePerSecond } from './allowance';
import { limitOf, type BudgetSpec, type DegradeStep } from './budget-spec';
import { Purse } from './purse';
import { covers, restraintOf, type Restraint } from './restraint';

/** A budget as it is kept. */
export interface KeptBudget {
  readonly id: string;
  readonly tenant: string;
  readonly spec: BudgetSpec;
}

/** How it stood when it was last decided about. */
export interface KeptState {
  readonly budgetId: string;
  readonly periodEnd: Date;
  readonly steps: readonly DegradeStep[];
  /** Picodollars. */
  readonly spent: bigint;
}

/** What budgets allow of what is done ahead of demand. */
export interface FunctionConstraints {
  readonly restraint: Restraint;
  /** Of each budget that covers it. */
  readonly purses: readonly Purse[];
}

/** What all budgets ask of those who keep functions warm, place them and move them. One object for each decision: purses empty. */
export class BudgetConstraints {
  readonly #byTenant = new Map<
    string,
    { tenant: string; spec: BudgetSpec; steps: readonly DegradeStep[]; purse: Purse }[]
  >();

  /** @param now Unix milliseconds; what was decided about a period that is over says nothing */
  constructor(budgets: readonly KeptBudget[], states: readonly KeptState[], now: number) {
    const standing = new Map(states.filter(({ periodEnd }) => now < periodEnd.getTime()).map((s) => [s.budgetId, s]));
    for (const { id, tenant, spec } of budgets) {
      const state = standing.get(id);
      // Before its first decision nothing is known of what is spent.
      if (!state) continue;
      const { steps, spent, periodEnd } = state;
      const purse = new Purse(allowancePerSecond(limitOf(spec), spent, periodEnd.getTime(), now));
      this.#byTenant.set(tenant, [...(this.#byTenant.get(tenant) ?? []), { tenant, spec, steps, purse }]);
    }
  }

  of(fn: { readonly tenant: string; readonly name: string; readonly critical: boolean }): FunctionConstraints {
    const covering = (this.#byTenant.get(fn.tenant) ?? []).filter((budget) => covers(budget, fn));
    return { restraint: restraintOf(fn, covering), purses: covering.map(({ purse }) => purse) };
  }
}
