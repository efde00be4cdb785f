import type { Registry } from 'prom-client';
import type { WarmingFigure, WarmingStore } from '../../drivers/store/warming-store';
import { cached } from './cached';
import { countByNode } from './count-by-node';
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
  const figures = cached(sources.now, () => sources.store.warmingFigures());
  registerStoredCounters(registry, COUNTERS, figures);
  countByNode(registry, sources.nodeStats, {
    name: 'presage_warming_held_gb_seconds_total',
    label: 'rung',
    help: 'Memory promised to instances at rest × time, by rung.',
    of: ({ heldGbSeconds }) => heldGbSeconds,
  });
  countByNode(registry, sources.nodeStats, {
    name: 'presage_warming_pings_total',
    label: 'outcome',
    help: 'Instances held frozen for long that were asked whether they are well.',
    of: ({ pingsTotal }) => pingsTotal,
  });
}
