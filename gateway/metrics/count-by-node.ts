import { Counter, type Registry } from 'prom-client';
import type { NodeReport, NodeStats } from './node-stats';

/** What a counter shows of the nodes. */
export interface NodeCounter {
  readonly name: string;
  /** Beside `node`. */
  readonly label: string;
  readonly help: string;
  /** By the values of the label. */
  readonly of: (stats: NonNullable<NodeReport['stats']>) => Readonly<Record<string, number>>;
}

/** A counter of what agents have counted: it begins anew with its agent, and is missing while that is away. */
export function countByNode(registry: Registry, nodeStats: NodeStats, { name, label, help, of }: NodeCounter): void {
  new Counter({
    name,
    // Every gateway that shares the port sees the same nodes.
    aggregator: 'max',
    help,
    labelNames: ['node', label],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { node, stats } of await nodeStats.reports()) {
        for (const [value, count] of Object.entries(stats ? of(stats) : {})) this.inc({ node, [label]: value }, count);
      }
    },
  });
}
