import type { DegradeStep } from '../core/budget/budget-spec';
import type { BudgetDecision } from '../core/budget/decide-budget';
import { dollarText } from '../core/cost/money-text';
import type { GatheredBudget } from './budget-facts';

/** A step with its price effect, in dollars. */
export interface ShownStep {
  readonly step: DegradeStep;
  readonly inForce: boolean;
  /** `taken` or `restored` by this decision. */
  readonly change: 'taken' | 'restored' | null;
  readonly savesPerHour: string;
  /** Until the period's end. */
  readonly saves: string;
}

/** A budget as a workflow's details and result show it. Amounts are decimal text, in dollars. */
export interface ShownBudget {
  readonly tenant: string;
  readonly budget: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly limit: string;
  readonly spent: string;
  /** Of the limit that is spent, with one decimal. */
  readonly percent: number;
  readonly forecast: string;
  /** Up to which functions that are not critical are served. */
  readonly ceiling: string;
  readonly spentByCritical: string;
  /** Percents that are told of now. */
  readonly alerts: readonly number[];
  readonly steps: readonly ShownStep[];
  /** What a person should look at. */
  readonly notes: readonly string[];
}

export function shownBudget(
  { budget, facts, unknown }: GatheredBudget,
  decision: BudgetDecision,
  unpriced: readonly string[],
): ShownBudget {
  const { limit, plan, taken, restored } = decision;
  return {
    tenant: budget.tenant,
    budget: budget.name,
    periodStart: new Date(facts.period.start).toISOString(),
    periodEnd: new Date(facts.period.end).toISOString(),
    limit: dollarText(limit),
    spent: dollarText(facts.spent),
    percent: Number((facts.spent * 1_000n) / limit) / 10,
    forecast: dollarText(decision.forecast),
    ceiling: dollarText(decision.ceiling),
    spentByCritical: dollarText(facts.spentByCritical),
    alerts: decision.alerts,
    steps: plan.map(({ step, since, perHour, toEnd }) => ({
      step,
      inForce: since !== null,
      change: taken.includes(step) ? 'taken' : restored.includes(step) ? 'restored' : null,
      savesPerHour: dollarText(perHour),
      saves: dollarText(toEnd),
    })),
    notes: [
      ...unknown.map((name) => `there is no function ${name} yet`),
      ...(unpriced.length > 0
        ? [`the price table has no prices for ${unpriced.join(', ')}: calls there cost nothing`]
        : []),
    ],
  };
}
