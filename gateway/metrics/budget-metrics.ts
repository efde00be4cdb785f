import { Gauge, type Registry } from 'prom-client';
import { DEGRADE_STEPS, limitOf } from '../../core/budget/budget-spec';
import type { BudgetFigure, BudgetRecord, BudgetState, BudgetStore } from '../../drivers/store/budget-store';
import { cached } from './cached';
import { registerStoredCounters } from './stored-counters';

const COUNTERS: Readonly<Record<BudgetFigure, readonly [name: string, help: string]>> = {
  decisions: ['presage_budget_decisions_total', 'Times that was decided about a budget.'],
  alerts: ['presage_budget_alerts_total', 'Percents of a limit that were told of.'],
  degraded: ['presage_budget_steps_taken_total', 'Steps that came into force.'],
  restored: ['presage_budget_steps_restored_total', 'Steps that were taken back.'],
  exhausted: ['presage_budget_exhausted_total', 'Times that a budget ran out.'],
  webhooksDelivered: ['presage_budget_webhooks_delivered_total', 'Alerts that a webhook took.'],
  webhooksFailed: ['presage_budget_webhooks_failed_total', 'Alerts that a webhook did not take, after all tries.'],
};
const PICO_PER_DOLLAR = 1e12;

interface Standing {
  readonly budget: BudgetRecord;
  readonly state: BudgetState;
}

/** Metrics of budgets, as the last decision about each has left them in the store. */
export function registerBudgetMetrics(
  registry: Registry,
  store: Pick<BudgetStore, 'budgetFigures' | 'budgets' | 'budgetStates'>,
  now: () => number,
): void {
  registerStoredCounters(
    registry,
    COUNTERS,
    cached(now, () => store.budgetFigures()),
  );
  const standing = cached(now, async (): Promise<readonly Standing[]> => {
    const [budgets, states] = await Promise.all([store.budgets(), store.budgetStates()]);
    const stateOf = new Map(states.map((state) => [state.budgetId, state]));
    return budgets.flatMap((budget) => {
      const state = stateOf.get(budget.id);
      return state ? [{ budget, state }] : [];
    });
  });
  const gauge = (name: string, help: string, value: (standing: Standing) => bigint): void => {
    new Gauge({
      name,
      // All gateways read the same.
      aggregator: 'max',
      help,
      labelNames: ['tenant', 'budget'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const one of (await standing()) ?? []) {
          const { tenant, name: budget } = one.budget;
          this.set({ tenant, budget }, Number(value(one)) / PICO_PER_DOLLAR);
        }
      },
    });
  };
  gauge('presage_budget_limit_dollars', 'What may be spent in the period.', ({ budget }) => limitOf(budget.spec));
  gauge('presage_budget_spent_dollars', 'What the period had spent at the last decision.', ({ state }) => state.spent);
  gauge(
    'presage_budget_forecast_dollars',
    'What the period will have spent at its end.',
    ({ state }) => state.forecast,
  );
  new Gauge({
    name: 'presage_budget_step_in_force',
    aggregator: 'max',
    help: '1 while a step of the budget is in force.',
    labelNames: ['tenant', 'budget', 'step'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { budget, state } of (await standing()) ?? []) {
        for (const step of DEGRADE_STEPS.filter((own) => budget.spec.degrade.includes(own))) {
          this.set({ tenant: budget.tenant, budget: budget.name, step }, state.steps.includes(step) ? 1 : 0);
        }
      }
    },
  });
}
