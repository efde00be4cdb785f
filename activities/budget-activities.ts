import { decideBudget, type BudgetDecision } from '../core/budget/decide-budget';
import { tiersWithoutPrices } from '../core/cost/missing-prices';
import type { DeliverAlertInput } from '../core/control/workflow-inputs';
import { PlatformError } from '../core/error/platform-error';
import type { BudgetFigure, BudgetState } from '../drivers/store/budget-store';
import { alertMessage, type AlertFacts } from './alert-message';
import { alertEvent, stepEvents } from './budget-events';
import { budgetFacts, type GatheredBudget } from './budget-facts';
import type { ActivityDependencies } from './dependencies';
import { shownBudget, type ShownBudget } from './shown-budget';
import { SpendPast } from './spend-past';

/** Budgets that a workflow's result tells of; the rest is in the store. */
const SHOWN = 50;

export interface DecideBudgetsInput {
  readonly tenants: readonly string[];
  readonly budget?: string | undefined;
  readonly dryRun: boolean;
  /** The same when it is repeated, another in every run. */
  readonly decisionId: string;
}

export interface DecidedBudgets {
  readonly decided: number;
  /** Those nearest to their limit first. */
  readonly budgets: readonly ShownBudget[];
  /** To be sent to webhooks. */
  readonly deliveries: readonly DeliverAlertInput[];
}

/** Decides about budgets. */
export function budgetActivities(dependencies: ActivityDependencies) {
  const { store, prices, now } = dependencies;
  const past = new SpendPast(store);

  return {
    /** Tenants that have budgets. */
    async budgetTenants(): Promise<readonly string[]> {
      const budgets = await store.budgets();
      past.keepOnly(new Set(budgets.map(({ id }) => id)));
      return [...new Set(budgets.map(({ tenant }) => tenant))];
    },

    /** @throws PlatformError not_found for a budget that is not there */
    async decideBudgets({ tenants, budget, dryRun, decisionId }: DecideBudgetsInput): Promise<DecidedBudgets> {
      const all = await Promise.all(tenants.map((tenant) => store.budgets({ tenant })));
      const chosen = all.flat().filter(({ name }) => budget === undefined || name === budget);
      if (budget !== undefined && chosen.length === 0) {
        throw new PlatformError('not_found', `${tenants.join()} has no budget ${budget}`);
      }
      const at = now();
      const gathered = await budgetFacts(dependencies, past, chosen, at);
      const states = new Map(
        (await Promise.all(tenants.map((tenant) => store.budgetStates({ tenant }))))
          .flat()
          .map((state) => [state.budgetId, state]),
      );
      const unpriced = tiersWithoutPrices(prices);
      const shown: ShownBudget[] = [];
      const deliveries: DeliverAlertInput[] = [];
      const figures: Partial<Record<BudgetFigure, number>> = {};
      for (const one of gathered) {
        const before = states.get(one.budget.id) ?? null;
        const moment = Math.max(at, (before?.decidedAt.getTime() ?? 0) + 1);
        const decision = decideBudget(one.budget.spec, one.facts, before && decidedBefore(before), moment);
        shown.push(shownBudget(one, decision, unpriced));
        if (dryRun) continue;
        deliveries.push(...(await carryOut(one, decision, { before, at: moment, decisionId }, figures)));
      }
      if (!dryRun) await store.addBudgetFigures({ ...figures, decisions: gathered.length });
      shown.sort((a, b) => b.percent - a.percent);
      return { decided: gathered.length, budgets: shown.slice(0, SHOWN), deliveries };
    },
  };

  /** Alerts come first: they are told of once, whoever wins in keeping the state. */
  async function carryOut(
    { budget, facts }: GatheredBudget,
    decision: BudgetDecision,
    { before, at, decisionId }: { before: BudgetState | null; at: number; decisionId: string },
    figures: Partial<Record<BudgetFigure, number>>,
  ): Promise<DeliverAlertInput[]> {
    const { period, spent, spentByCritical } = facts;
    const told: AlertFacts = { budget, period, spent, decision, at };
    const periodStart = new Date(period.start);
    const { id: budgetId, tenant, name, generation, spec } = budget;
    const own = await store.raiseAlerts({
      budgetId,
      periodStart,
      decisionId,
      at: new Date(at),
      delivery: spec.webhook ? 'waiting' : 'none',
      alerts: decision.alerts.map((percent) => ({ percent, event: alertEvent(told, percent) })),
    });
    const { plan, steps, taken, restored, forecast, changedAt } = decision;
    const kept = await store.setBudgetState(
      {
        budgetId,
        generation,
        periodStart,
        periodEnd: new Date(period.end),
        steps,
        plan,
        spent,
        spentByCritical,
        forecast,
        decidedAt: new Date(at),
        changedAt: new Date(changedAt),
      },
      { ifDecidedAt: before?.decidedAt ?? null, events: stepEvents(told) },
    );
    count(figures, 'alerts', own.filter((percent) => decision.alerts.includes(percent)).length);
    if (kept) {
      count(figures, 'degraded', taken.length);
      count(figures, 'restored', restored.length);
      count(figures, 'exhausted', taken.includes('refuse') ? 1 : 0);
    }
    if (!spec.webhook) return [];
    const start = periodStart.toISOString();
    return own.map((percent) => {
      const message = alertMessage(told, percent);
      return { budgetId, tenant, budget: name, percent, periodStart: start, message };
    });
  }
}

function decidedBefore({ periodStart, plan, alerted, changedAt }: BudgetState) {
  return { periodStart: periodStart.getTime(), plan, alerted, changedAt: changedAt.getTime() };
}

function count(figures: Partial<Record<BudgetFigure, number>>, figure: BudgetFigure, by: number): void {
  figures[figure] = (figures[figure] ?? 0) + by;
}
