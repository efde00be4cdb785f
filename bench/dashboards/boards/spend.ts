import type { Dashboard } from '../dashboard';
import { figure, lines } from '../panel';

const OF = 'tenant=~"$tenant"';

/** What it costs, against what it may. */
export const SPEND: Dashboard = {
  uid: 'presage-spend',
  title: 'Presage / Spend',
  description: 'Costs by component, budgets with the steps that are in force, and what could be saved.',
  choices: [{ name: 'tenant', values: 'label_values(presage_cost_dollars_total, tenant)' }],
  rows: {
    Costs: [
      lines('Dollars an hour by component', 'short', 'What calls cost.', {
        '{{component}}': `sum by (component) (rate(presage_cost_dollars_total{${OF}}[1h])) * 3600`,
      }),
      lines(
        'Ledger',
        'short',
        'Sums that differed in the newest check, and calls without a price table: above 0 something is wrong.',
        {
          mismatches: 'max(presage_cost_ledger_mismatches)',
          unpriced: 'max(presage_cost_ledger_unpriced_calls)',
        },
      ),
      figure('Since the last check', 's', 'Of the ledger.', {
        age: 'time() - max(presage_cost_ledger_checked_timestamp_seconds)',
      }),
      lines('Recommendations', 'short', 'By strategy and state.', {
        '{{strategy}} {{state}}': 'max by (strategy, state) (presage_cost_recommendations)',
      }),
      lines('What they would save', 'short', 'Dollars a month.', {
        '{{strategy}}': 'max by (strategy) (presage_cost_recommended_saving_dollars)',
      }),
    ],
    Budgets: [
      lines(
        'Spent of the limit',
        'percentunit',
        'Of the period so far.',
        {
          '{{tenant}} {{budget}}': `max by (tenant, budget) (presage_budget_spent_dollars{${OF}}) / max by (tenant, budget) (presage_budget_limit_dollars{${OF}})`,
        },
        { badFrom: 0.9 },
      ),
      lines(
        'Forecast of the limit',
        'percentunit',
        'To the end of the period.',
        {
          '{{tenant}} {{budget}}': `max by (tenant, budget) (presage_budget_forecast_dollars{${OF}}) / max by (tenant, budget) (presage_budget_limit_dollars{${OF}})`,
        },
        { badFrom: 1 },
      ),
      lines('Counted by gateways', 'short', 'Dollars, as each gateway counts between reads.', {
        '{{tenant}} {{budget}}': `max by (tenant, budget) (presage_budget_counted_dollars{${OF}})`,
      }),
      lines('Age of the read', 's', 'Of what gateways go by.', {
        '{{tenant}} {{budget}}': `max by (tenant, budget) (presage_budget_read_age_seconds{${OF}})`,
      }),
      lines('Steps in force', 'short', 'Of the ladder.', {
        '{{tenant}} {{budget}} {{step}}': `max by (tenant, budget, step) (presage_budget_step_in_force{${OF}})`,
      }),
      lines('Refused by budgets', 'reqps', 'By reason.', {
        '{{budget}} {{reason}}': `sum by (budget, reason) (rate(presage_budget_refused_total{${OF}}[$__rate_interval]))`,
      }),
      lines('What enforcement did', 'short', 'Of the last day.', {
        decisions: 'max(increase(presage_budget_decisions_total[1d]))',
        alerts: 'max(increase(presage_budget_alerts_total[1d]))',
        taken: 'max(increase(presage_budget_steps_taken_total[1d]))',
        restored: 'max(increase(presage_budget_steps_restored_total[1d]))',
        exhausted: 'max(increase(presage_budget_exhausted_total[1d]))',
        delivered: 'max(increase(presage_budget_webhooks_delivered_total[1d]))',
        undelivered: 'max(increase(presage_budget_webhooks_failed_total[1d]))',
      }),
    ],
  },
};
