import { Counter, Gauge, type Registry } from 'prom-client';
import type { SpendBook } from './spend-book';

const PICO_PER_DOLLAR = 1e12;
const LABELS = ['tenant', 'budget'] as const;

/** Registers what this gateway knows of each budget. Dollars are rounded for the eye; sums are kept elsewhere. */
export function registerSpendMetrics(registry: Registry, book: Pick<SpendBook, 'budgets'>, now: () => number): void {
  const registers = [registry];
  // Several gateways on one port know the same budget: their figures are of one thing, not to be added up.
  const aggregator = 'max';
  new Gauge({
    name: 'presage_budget_counted_dollars',
    help: 'Spent in the budget’s period, as the gateway counts it: records, its own calls, and what others spend by their rate.',
    labelNames: LABELS,
    registers,
    aggregator,
    collect() {
      this.reset();
      for (const { record, meter } of book.budgets) {
        this.set({ tenant: record.tenant, budget: record.name }, Number(meter.spent) / PICO_PER_DOLLAR);
      }
    },
  });
  new Gauge({
    name: 'presage_budget_read_age_seconds',
    help: 'Since the gateway last read what is spent; it goes on by its own counting meanwhile.',
    labelNames: LABELS,
    registers,
    aggregator,
    collect() {
      this.reset();
      for (const { record, lookedAt } of book.budgets) {
        const labels = { tenant: record.tenant, budget: record.name };
        if (lookedAt !== null) this.set(labels, Math.max(0, now() - lookedAt) / 1000);
      }
    },
  });
  new Counter({
    name: 'presage_budget_refused_total',
    help: 'Calls turned away for a budget: exhausted (402), or queue (429) while calls go one by one.',
    labelNames: [...LABELS, 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { record, refused } of book.budgets) {
        const labels = { tenant: record.tenant, budget: record.name };
        for (const reason of ['exhausted', 'queue'] as const) this.inc({ ...labels, reason }, refused[reason]);
      }
    },
  });
}
