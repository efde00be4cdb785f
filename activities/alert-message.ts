import type { BudgetDecision } from '../core/budget/decide-budget';
import type { Period } from '../core/budget/period';
import { dollarText } from '../core/cost/money-text';
import type { BudgetRecord } from '../drivers/store/budget-store';

/** What is known of an alert when it is raised. */
export interface AlertFacts {
  readonly budget: BudgetRecord;
  readonly period: Period;
  readonly spent: bigint;
  readonly decision: BudgetDecision;
  /** Unix milliseconds. */
  readonly at: number;
}

/** The body of an alert's webhook. Amounts are decimal text, in dollars. The same for every try, so that its signature is too. */
export function alertMessage({ budget, period, spent, decision, at }: AlertFacts, percent: number) {
  const { tenant, name, spec } = budget;
  return {
    type: 'budget.alert',
    tenant,
    budget: name,
    percent,
    limit: dollarText(decision.limit),
    spent: dollarText(spent),
    forecast: dollarText(decision.forecast),
    currency: spec.currency,
    period: spec.period,
    periodStart: new Date(period.start).toISOString(),
    periodEnd: new Date(period.end).toISOString(),
    timeZone: spec.timeZone,
    steps: decision.steps,
    at: new Date(at).toISOString(),
  };
}
