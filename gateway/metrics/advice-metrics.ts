import { Gauge, type Registry } from 'prom-client';
import { ADVICE_STATES, type AdviceStore } from '../../drivers/store/advice-store';
import { STRATEGIES } from '../../core/cost/advice/strategies';
import { cached } from './cached';

/** Metrics of recommendations, as they stand in the store. */
export function registerAdviceMetrics(
  registry: Registry,
  sources: { readonly store: Pick<AdviceStore, 'advice'>; readonly now: () => number },
): void {
  const advice = cached(sources.now, () => sources.store.advice({ tenant: null }));
  new Gauge({
    name: 'presage_cost_recommendations',
    aggregator: 'max',
    help: 'Recommendations to save money, by strategy and by what became of them.',
    labelNames: ['strategy', 'state'],
    registers: [registry],
    async collect() {
      const rows = await advice();
      if (!rows) return;
      for (const strategy of STRATEGIES) {
        for (const state of ADVICE_STATES) {
          this.set({ strategy, state }, rows.filter((row) => row.strategy === strategy && row.state === state).length);
        }
      }
    },
  });
  new Gauge({
    name: 'presage_cost_recommended_saving_dollars',
    aggregator: 'max',
    help: 'Dollars a month that open recommendations would save; those of different strategies overlap.',
    labelNames: ['strategy'],
    registers: [registry],
    async collect() {
      const rows = await advice();
      if (!rows) return;
      for (const strategy of STRATEGIES) {
        const open = rows.filter((row) => row.strategy === strategy && row.state === 'open');
        const pico = open.reduce((sum, { monthlySaving }) => sum + monthlySaving, 0n);
        this.set({ strategy }, Number(pico / 1_000_000n) / 1e6);
      }
    },
  });
}
