import type { BudgetSpec, DegradeStep } from './budget-spec';
import { dueAlerts } from './alerts';
import { limitOf } from './budget-spec';
import { ceilingForOthers } from './critical-reserve';
import { decideSteps, inForce, type StepPlan } from './ladder';
import { hoursLeft, type Period } from './period';
import { forecastSpend } from './spend-forecast';
import type { PastSpend } from './spend-pattern';
import { stepEffects, type FunctionSpend } from './step-effects';

/** What is known of a budget's functions. Amounts are picodollars. */
export interface BudgetFacts {
  /** That of `now`. */
  readonly period: Period;
  /** In the period, so far. */
  readonly spent: bigint;
  /** Of this the critical functions' part. */
  readonly spentByCritical: bigint;
  /** A part is kept for critical functions: it counts such, and others. */
  readonly reserving: boolean;
  readonly past: PastSpend;
  /** Since the past's last whole hour. */
  readonly sincePast: bigint;
  readonly functions: readonly FunctionSpend[];
}

/** How the last decision has left it. */
export interface DecidedBefore {
  readonly periodStart: number;
  readonly plan: readonly StepPlan[];
  readonly alerted: readonly number[];
  readonly changedAt: number;
}

export interface BudgetDecision {
  readonly limit: bigint;
  /** Up to which spend functions that are not critical are served. */
  readonly ceiling: bigint;
  readonly forecast: bigint;
  readonly nextHour: bigint;
  /** Percents to be told of now. */
  readonly alerts: readonly number[];
  readonly plan: readonly StepPlan[];
  readonly steps: readonly DegradeStep[];
  readonly taken: readonly DegradeStep[];
  readonly restored: readonly DegradeStep[];
  /** When steps last changed, Unix milliseconds. */
  readonly changedAt: number;
}

/**
 * What becomes of a budget now: where its spend will end, which alerts are due, which steps are in force. Alerts begin anew with a
 * period; steps in force are taken over into it, and restored one by one.
 * @param before null: nothing was decided yet
 * @param now Unix milliseconds
 */
export function decideBudget(
  spec: BudgetSpec,
  facts: BudgetFacts,
  before: DecidedBefore | null,
  now: number,
): BudgetDecision {
  const { period, spent, reserving, functions } = facts;
  const limit = limitOf(spec);
  const ceiling = ceilingForOthers(spec, reserving);
  const { total: forecast, nextHour } = forecastSpend({ ...facts, now });
  const samePeriod = before?.periodStart === period.start;
  const { plan, taken, restored } = decideSteps({
    steps: spec.degrade,
    effects: stepEffects(spec.degrade, functions),
    ceiling,
    spent,
    forecast,
    hoursLeft: hoursLeft(period, now),
    before: before?.plan ?? [],
    changedAt: before?.changedAt ?? null,
    now,
  });
  const changed = taken.length + restored.length > 0;
  return {
    limit,
    ceiling,
    forecast,
    nextHour,
    alerts: dueAlerts(spec.alertAt, { spent, limit }, samePeriod ? before.alerted : []),
    plan,
    steps: inForce(plan),
    taken,
    restored,
    changedAt: changed || !before ? now : before.changedAt,
  };
}
