import type { Logger } from 'pino';
import type { Cluster } from '../../drivers/cluster/cluster';
import { createKubernetesCluster } from '../../drivers/cluster/kubernetes/kubernetes-cluster';
import { KubernetesNodes } from '../../drivers/cluster/kubernetes/kubernetes-nodes';
import type { KubernetesApi } from '../../drivers/kubernetes/kubernetes-api';
import type { Store } from '../../drivers/store/store';
import type { Config } from '../config';
import { KubernetesNodeWatch } from './kubernetes-node-watch';

/** The control worker's part of Kubernetes: its nodes, and what it wants of them. */
export class KubernetesControl {
  readonly #nodes: KubernetesNodes;
  #watch: KubernetesNodeWatch | undefined;

  constructor(
    api: KubernetesApi,
    private readonly config: Config,
    private readonly store: Store,
    private readonly log: Logger,
  ) {
    const { tierLabel, regionLabel, drainTaints } = config.kubernetes;
    this.#nodes = new KubernetesNodes({
      api,
      tierLabel,
      regionLabel,
      drainTaints,
      onChange: () => this.#watch?.look(),
      onError: (error) => log.warn({ err: error, hint: error.hint }, 'The nodes of Kubernetes cannot be watched'),
    });
    log.info({ event: 'control.kubernetes', url: api.url }, 'Kubernetes says which nodes there are');
  }

  /** @param agents those that are heard of */
  clusterOf(agents: Cluster): Cluster {
    return createKubernetesCluster(this.#nodes, this.config.kubernetes.agentPort, agents);
  }

  /** @param drain starts the workflow that empties a node */
  follow(drain: (node: string, why: string) => Promise<unknown>): void {
    const { store, log } = this;
    this.#watch = new KubernetesNodeWatch({ store, log, drain, nodes: () => this.#nodes.all(), now: () => new Date() });
    this.#watch.start();
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#nodes.stop();
  }
}
