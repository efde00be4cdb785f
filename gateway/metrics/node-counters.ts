import { Gauge, type Registry } from 'prom-client';
import { countByNode } from './count-by-node';
import type { NodeStats } from './node-stats';

/** What agents have counted since they began, and what they have. */
export function registerNodeCounters(registry: Registry, nodeStats: NodeStats): void {
  countByNode(registry, nodeStats, {
    name: 'presage_node_grants_total',
    label: 'start',
    help: 'Instances that a node has given to gateways, by start kind.',
    of: ({ startsTotal }) => startsTotal,
  });
  countByNode(registry, nodeStats, {
    name: 'presage_node_failures_total',
    label: 'code',
    help: 'Starts, checkpoints and restores that failed on a node, by code; most are tried again, unseen by callers.',
    of: ({ failuresTotal }) => failuresTotal,
  });
  new Gauge({
    name: 'presage_node_checkpoints',
    aggregator: 'max',
    help: 'Checkpoints that a node can restore from, and those that it does not trust any more.',
    labelNames: ['node', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { node, stats } of await nodeStats.reports()) {
        if (!stats) continue;
        const quarantined = stats.checkpoints.filter((checkpoint) => checkpoint.quarantined).length;
        this.set({ node, state: 'usable' }, stats.checkpoints.length - quarantined);
        this.set({ node, state: 'quarantined' }, quarantined);
      }
    },
  });
}
