import type { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import type { RestKubernetesApi } from '../../../drivers/kubernetes/rest/rest-kubernetes-api';

/** One Kubernetes with the twelve nodes, and a client of its administrator, for tests that leave each other alone. */
export interface SharedKubernetes {
  readonly local: LocalKubernetes;
  readonly api: RestKubernetesApi;
}
