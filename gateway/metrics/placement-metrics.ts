import { Gauge, type Registry } from 'prom-client';
import { COST_TERMS } from '../../core/placement/placement-prices';
import type { PlacementDecisionStore, PlacementFigure } from '../../drivers/store/placement-decision-store';
import { cached } from './cached';
import { registerStoredCounters } from './stored-counters';

const COUNTERS: Readonly<Record<PlacementFigure, readonly [name: string, help: string]>> = {
  plans: ['presage_placement_plans_total', 'Plans of where functions sit, dry runs included.'],
  infeasible: ['presage_placement_infeasible_plans_total', 'Plans for which no placement kept all constraints.'],
  moves: ['presage_placement_moves_total', 'Functions that a plan has moved.'],
  failedMoves: ['presage_placement_failed_moves_total', 'Functions that a plan was to move and that did not.'],
  planSeconds: ['presage_placement_plan_seconds_total', 'Seconds that planning has taken.'],
};

/** Metrics of placement, as the control worker has left them in the store. */
export function registerPlacementMetrics(
  registry: Registry,
  sources: { store: Pick<PlacementDecisionStore, 'placementFigures' | 'latestPlacementDecision'>; now: () => number },
): void {
  const figures = cached(sources.now, () => sources.store.placementFigures());
  const latest = cached(sources.now, () => sources.store.latestPlacementDecision());
  registerStoredCounters(registry, COUNTERS, figures);
  new Gauge({
    name: 'presage_placement_cost_micro_dollars_per_hour',
    aggregator: 'max',
    help: 'What the newest plan has found functions to cost where they sat, by term, weighted; `best`: had all been placed anew.',
    labelNames: ['term', 'placement'],
    registers: [registry],
    async collect() {
      const costs = (await latest())?.plan.costs;
      if (!costs) return;
      this.reset();
      for (const term of COST_TERMS) {
        this.set({ term, placement: 'now' }, costs.before[term]);
        if (costs.best) this.set({ term, placement: 'best' }, costs.best[term]);
      }
    },
  });
}
