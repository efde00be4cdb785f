import type { Node } from 'kubernetes-types/core/v1';
import { PlatformError } from '../../../core/error/platform-error';
import type { Informer, KubernetesApi } from '../../kubernetes/kubernetes-api';
import { NODES } from '../../kubernetes/resources';
import { inTime } from '../../timing/in-time';
import { readNode, type KubernetesNode, type NodeReading } from './kubernetes-node';

export interface KubernetesNodesOptions extends NodeReading {
  readonly api: KubernetesApi;
  /** Something may have changed about this node: also that it is gone, or of the platform no longer. */
  readonly onChange?: (name: string) => void;
  readonly onError?: (error: PlatformError) => void;
}

const FIRST_LIST_MS = 30_000;

/** The nodes of the platform as Kubernetes knows them, kept up to date by one list and one watch. */
export class KubernetesNodes {
  readonly #informer: Informer<Node>;

  constructor(private readonly options: KubernetesNodesOptions) {
    const { api, tierLabel, onChange, onError } = options;
    this.#informer = api.watch(NODES, {
      // Who has no tier label is none of ours; one that loses it is told as removed.
      labels: tierLabel,
      onChange: ({ object }) => onChange?.(object.metadata?.name ?? ''),
      ...(onError ? { onError } : {}),
    });
  }

  /** By name. @throws PlatformError unavailable when the API server has not answered even once */
  async all(): Promise<readonly KubernetesNode[]> {
    await this.#firstList();
    return [...this.#informer.objects.values()]
      .map((node) => readNode(node, this.options))
      .filter((node) => node !== null)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  #firstList(): Promise<void> {
    return inTime(this.#informer.synced, FIRST_LIST_MS, () => unheard(this.options.api.url));
  }
}

function unheard(url: string): PlatformError {
  return new PlatformError('unavailable', `The Kubernetes API server at ${url} has not told its nodes yet`, {
    hint: 'The log of this process says what hinders it: the way there, or the right to list and watch nodes.',
  });
}
