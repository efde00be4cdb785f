import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import { INSTANCE_STATES } from '../../core/agent/instance-state';
import { NODE_STATES } from '../../core/node/node-state';
import type { Store } from '../../drivers/store/store';
import type { NodeReport, NodeStats } from './node-stats';

/** Sums of stored checkpoints change slowly and cost a query: they are read anew after this long. */
const CHECKPOINT_TTL_MS = 15_000;

/** Registers the metrics of the process, of the nodes and of the build. Called once per registry. */
export function registerPlatformMetrics(
  registry: Registry,
  sources: { nodeStats: NodeStats; store: Pick<Store, 'checkpoints'>; now: () => number },
  build: { version: string; commit: string | null },
): void {
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'presage_build_info',
    aggregator: 'max',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'commit', 'node'],
    registers: [registry],
  }).set({ version: build.version, commit: build.commit ?? 'unknown', node: process.version }, 1);
  nodeGauge(registry, 'presage_node_up', 'Does the agent answer?', [], (gauge, report) =>
    gauge.set({ node: report.node }, report.stats ? 1 : 0),
  );
  nodeGauge(
    registry,
    'presage_node_state',
    'The state of a node: 1 for the one it is in',
    ['tier', 'region', 'state'],
    (gauge, { node, tier, region, state }) => {
      for (const one of NODE_STATES) gauge.set({ node, tier, region, state: one }, one === state ? 1 : 0);
    },
  );
  nodeGauge(registry, 'presage_pool_instances', 'Instances on a node by state', ['state'], (gauge, { node, stats }) => {
    for (const state of INSTANCE_STATES) {
      if (stats) gauge.set({ node, state }, stats.instances.filter((instance) => instance.state === state).length);
    }
  });
  nodeGauge(
    registry,
    'presage_node_memory_bytes',
    'Memory a node may promise, and has',
    ['kind'],
    (gauge, { node, stats }) => {
      if (!stats) return;
      gauge.set({ node, kind: 'capacity' }, stats.memoryCapacityBytes);
      gauge.set({ node, kind: 'committed' }, stats.memoryCommittedBytes);
    },
  );
  nodeGauge(
    registry,
    'presage_node_starts',
    'Starts under way, and requests that wait for one',
    ['state'],
    (gauge, { node, stats }) => {
      if (!stats) return;
      gauge.set({ node, state: 'starting' }, stats.starting);
      gauge.set({ node, state: 'waiting' }, stats.waiting);
    },
  );
  registerCheckpointBytes(registry, sources);

  function nodeGauge(
    to: Registry,
    name: string,
    help: string,
    labels: string[],
    set: (gauge: Gauge, report: NodeReport) => void,
  ): void {
    new Gauge({
      name,
      help,
      // Every gateway that shares the port sees the same nodes.
      aggregator: 'max',
      labelNames: ['node', ...labels],
      registers: [to],
      async collect() {
        this.reset();
        for (const report of await sources.nodeStats.reports()) set(this, report);
      },
    });
  }
}

/** `raw`: loaded for restores on a node; `sealed`: as stored. */
function registerCheckpointBytes(
  registry: Registry,
  sources: { nodeStats: NodeStats; store: Pick<Store, 'checkpoints'>; now: () => number },
): void {
  let sealed = new Map<string, number>();
  let readAt = -Infinity;
  new Gauge({
    name: 'presage_checkpoint_bytes',
    aggregator: 'max',
    help: 'Bytes of checkpoints: raw ones loaded for restores, sealed ones in the store',
    labelNames: ['node', 'form'],
    registers: [registry],
    async collect() {
      if (sources.now() - readAt >= CHECKPOINT_TTL_MS) {
        // A store that is away must not take the other metrics with it: the last sums stand.
        const found = await sources.store.checkpoints({ states: ['ready'] }).catch(() => null);
        if (found) {
          readAt = sources.now();
          sealed = new Map();
          for (const { node, sealedBytes } of found) sealed.set(node, (sealed.get(node) ?? 0) + sealedBytes);
        }
      }
      this.reset();
      for (const [node, bytes] of sealed) this.set({ node, form: 'sealed' }, bytes);
      for (const { node, stats } of await sources.nodeStats.reports()) {
        if (!stats) continue;
        const raw = stats.checkpoints
          .filter((checkpoint) => checkpoint.rawLoaded)
          .reduce((sum, checkpoint) => sum + checkpoint.rawBytes, 0);
        this.set({ node, form: 'raw' }, raw);
      }
    },
  });
}
