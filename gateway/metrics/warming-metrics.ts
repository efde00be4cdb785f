import { Counter, type Registry } from 'prom-client';
import type { WarmingFigure, WarmingStore } from '../../drivers/store/warming-store';
import { cached } from './cached';
import { registerStoredCounters } from './stored-counters';
import type { NodeStats } from './node-stats';

const COUNTERS: Readonly<Record<WarmingFigure, readonly [name: string, help: string]>> = {
  decisions: ['presage_warming_decisions_total', 'Decisions on what to hold, one for each function and minute.'],
  planSeconds: ['presage_warming_plan_seconds_total', 'Seconds of a core that deciding has taken.'],
  targets: ['presage_warming_targets_total', 'Targets that agents have taken.'],
  capped: ['presage_warming_capped_total', 'Decisions that a node’s memory cut.'],
  unreachedNodes: [
    'presage_warming_unreached_nodes_total',
    'Agents that did not answer when there was something to tell.',
  ],
};

/**
 * Metrics of warming. What is decided, the control worker leaves in the store; what is held, agents count. A counter of an
 * agent begins anew with it.
 */
export function registerWarmingMetrics(
  registry: Registry,
  sources: { store: Pick<WarmingStore, 'warmingFigures'>; nodeStats: NodeStats; now: () => number },
): void {
  const registers = [registry];
  const figures = cached(sources.now, () => sources.store.warmingFigures());
  registerStoredCounters(registry, COUNTERS, figures);
  byNode(
    'presage_warming_held_gb_seconds_total',
    'rung',
    'Memory promised to instances at rest × time, by rung.',
    'heldGbSeconds',
  );
  byNode(
    'presage_warming_pings_total',
    'outcome',
    'Instances held frozen for long that were asked whether they are well.',
    'pingsTotal',
  );

  function byNode(name: string, label: string, help: string, of: 'heldGbSeconds' | 'pingsTotal'): void {
    new Counter({
      name,
      aggregator: 'max',
      help,
      labelNames: ['node', label],
      registers,
      async collect() {
        this.reset();
        for (const { node, stats } of await sources.nodeStats.reports()) {
          for (const [value, count] of Object.entries(stats?.[of] ?? {})) this.inc({ node, [label]: value }, count);
        }
      },
    });
  }
}
