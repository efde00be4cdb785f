import type { Node } from 'kubernetes-types/core/v1';
import { ISOLATION_LABEL } from '../../core/function/isolation';
import { readNode, type KubernetesNode, type NodeReading } from '../../drivers/cluster/kubernetes/kubernetes-node';
import type { Informer, KubernetesApi } from '../../drivers/kubernetes/kubernetes-api';
import { NODES } from '../../drivers/kubernetes/resources';
import type { Toleration } from '../../drivers/sandbox/kubernetes/workload-objects';

/** A node that functions may run on as pods. */
export interface PodHost extends KubernetesNode {
  readonly tolerations: readonly Toleration[];
}

/** Kubernetes' own taints say that a node is not well, or is to be left. */
const OF_KUBERNETES = /(^|\.)(kubernetes|k8s)\.io\//;

export interface PodNodesOptions extends NodeReading {
  readonly api: KubernetesApi;
  /** All there are now, whenever something about them changes. */
  readonly onChange: (hosts: readonly PodHost[]) => void;
  readonly onError: (error: Error) => void;
}

/** Nodes with the label `presage.dev/isolation: pod` and a tier. One list and one watch. */
export class PodNodes {
  readonly #informer: Informer<Node>;
  #synced = false;

  constructor(private readonly options: PodNodesOptions) {
    const { api, onError } = options;
    this.#informer = api.watch(NODES, { labels: `${ISOLATION_LABEL}=pod`, onChange: () => this.#tell(), onError });
    void this.#informer.synced.then(() => {
      this.#synced = true;
      this.#tell();
    });
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  #tell(): void {
    // Of half a list it would look as if the other half were gone.
    if (!this.#synced) return;
    const { drainTaints, onChange } = this.options;
    onChange(
      [...this.#informer.objects.values()].flatMap((object) => {
        const node = readNode(object, this.options);
        return node ? [{ ...node, tolerations: tolerationsOf(object, drainTaints) }] : [];
      }),
    );
  }
}

/** The taints that keep others away from the node, and not what says that it is to be left. */
export function tolerationsOf({ spec }: Node, drainTaints: readonly string[]): readonly Toleration[] {
  return (spec?.taints ?? [])
    .filter(({ key, effect }) => effect !== 'NoExecute' && !OF_KUBERNETES.test(key) && !drainTaints.includes(key))
    .map(({ key, value, effect }) => ({ key, value, effect }));
}
