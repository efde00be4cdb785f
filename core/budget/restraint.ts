import type { BudgetSpec, DegradeStep } from './budget-spec';

/** What the steps in force of all budgets that cover a function come to. */
export interface Restraint {
  /** Nothing is held because calls are expected. */
  readonly noPredictiveWarmth: boolean;
  readonly shortKeepAlive: boolean;
  readonly cheapestTier: boolean;
  /** One call at a time in each gateway. */
  readonly queue: boolean;
  /** There is no money for its calls: nothing is held for them either. */
  readonly holdNothing: boolean;
}

/** Whose spending a budget counts. */
export interface BudgetScope {
  readonly tenant: string;
  readonly spec: Pick<BudgetSpec, 'functions'>;
}

/** A budget with the steps that are in force. */
export interface StandingBudget extends BudgetScope {
  readonly steps: readonly DegradeStep[];
  /** There is no money for critical functions either. */
  readonly exhausted: boolean;
}

export const UNRESTRAINED: Restraint = {
  noPredictiveWarmth: false,
  shortKeepAlive: false,
  cheapestTier: false,
  queue: false,
  holdNothing: false,
};

/** Does the budget count what the function spends? */
export function covers({ tenant, spec }: BudgetScope, fn: { readonly tenant: string; readonly name: string }): boolean {
  return tenant === fn.tenant && (spec.functions?.includes(fn.name) ?? true);
}

/** Critical functions go on as ever, until there is no money for them either. */
export function restraintOf(
  fn: { readonly tenant: string; readonly name: string; readonly critical: boolean },
  budgets: readonly StandingBudget[],
): Restraint {
  const covering = budgets.filter((budget) => covers(budget, fn));
  if (fn.critical) {
    return covering.some(({ exhausted }) => exhausted) ? { ...UNRESTRAINED, holdNothing: true } : UNRESTRAINED;
  }
  const steps = new Set(covering.flatMap((budget) => budget.steps));
  if (steps.size === 0) return UNRESTRAINED;
  return {
    noPredictiveWarmth: steps.has('drop-predictive-warmth'),
    shortKeepAlive: steps.has('shorten-keep-alive'),
    cheapestTier: steps.has('cheaper-tier'),
    queue: steps.has('queue'),
    holdNothing: steps.has('refuse'),
  };
}
