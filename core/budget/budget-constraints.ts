import { allowancePerSecond } from './allowance';
import { limitOf, type BudgetSpec, type DegradeStep } from './budget-spec';
import { ceilingForOthers } from './critical-reserve';
import { Purse } from './purse';
import { covers, restraintOf, type Restraint, type StandingBudget } from './restraint';

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
  /** Picodollars; of this the critical functions' part. */
  readonly spent: bigint;
  readonly spentByCritical: bigint;
}

/** What budgets allow of what is done ahead of demand. */
export interface FunctionConstraints {
  readonly restraint: Restraint;
  /** Of each budget that covers it. */
  readonly purses: readonly Purse[];
}

/** What all budgets ask of those who keep functions warm, place them and move them. One object for each decision: purses empty. */
export class BudgetConstraints {
  readonly #byTenant = new Map<string, (StandingBudget & { readonly purse: Purse })[]>();

  /** @param now Unix milliseconds; what was decided about a period that is over says nothing */
  constructor(budgets: readonly KeptBudget[], states: readonly KeptState[], now: number) {
    const standing = new Map(states.filter(({ periodEnd }) => now < periodEnd.getTime()).map((s) => [s.budgetId, s]));
    for (const { id, tenant, spec } of budgets) {
      const state = standing.get(id);
      // Before its first decision nothing is known of what is spent.
      if (!state) continue;
      const { steps, spent, spentByCritical, periodEnd } = state;
      const limit = limitOf(spec);
      // As at the gateways' doors: critical functions are refused at the limit, once they have had their share.
      const hadShare = spentByCritical >= limit - ceilingForOthers(spec, true);
      const exhausted = steps.includes('refuse') && spent >= limit && hadShare;
      const purse = new Purse(allowancePerSecond(limit, spent, periodEnd.getTime(), now));
      const own = { tenant, spec, steps, exhausted, purse };
      this.#byTenant.set(tenant, [...(this.#byTenant.get(tenant) ?? []), own]);
    }
  }

  of(fn: { readonly tenant: string; readonly name: string; readonly critical: boolean }): FunctionConstraints {
    const covering = (this.#byTenant.get(fn.tenant) ?? []).filter((budget) => covers(budget, fn));
    return { restraint: restraintOf(fn, covering), purses: covering.map(({ purse }) => purse) };
  }
}
