import type { Pod } from 'kubernetes-types/core/v1';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1';
import type { KubernetesApi } from '../../kubernetes/kubernetes-api';
import { ENDPOINT_SLICES, PODS } from '../../kubernetes/resources';
import { POD_SELECTOR, WORKLOAD_LABEL } from './pod-labels';
import { podStateOf, type PodState } from './pod-state';

/** A pod with what its EndpointSlice says. */
export interface KnownPod extends PodState {
  /** Its address, once Kubernetes says that it serves. */
  readonly readyAt: string | null;
}

/**
 * What the informers have told of all function pods of the namespace, by workload. One for a process, whatever the number
 * of its nodes and functions.
 */
export class PodBook {
  readonly #pods = new Map<string, PodState>();
  readonly #byWorkload = new Map<string, Set<string>>();
  /** By workload and slice: the uid of each ready pod with its address. A pod may be in two slices for a moment. */
  readonly #slices = new Map<string, Map<string, ReadonlyMap<string, string>>>();
  readonly #followers = new Map<string, (pods: readonly KnownPod[]) => void>();

  /** Calls it at once, and whenever something changes about a pod of the workload. */
  follow(workload: string, told: (pods: readonly KnownPod[]) => void): void {
    this.#followers.set(workload, told);
    told(this.podsOf(workload));
  }

  unfollow(workload: string): void {
    this.#followers.delete(workload);
  }

  podsOf(workload: string): readonly KnownPod[] {
    const slices = [...(this.#slices.get(workload)?.values() ?? [])];
    return [...(this.#byWorkload.get(workload) ?? [])].flatMap((uid) => {
      const pod = this.#pods.get(uid);
      return pod ? [{ ...pod, readyAt: slices.find((slice) => slice.has(uid))?.get(uid) ?? null }] : [];
    });
  }

  podChanged(pod: Pod): void {
    const state = podStateOf(pod);
    if (!state) return;
    this.#pods.set(state.uid, state);
    const uids = this.#byWorkload.get(state.workload) ?? new Set();
    this.#byWorkload.set(state.workload, uids.add(state.uid));
    this.#tell(state.workload);
  }

  podGone(pod: Pod): void {
    const state = podStateOf(pod);
    if (!state || !this.#pods.delete(state.uid)) return;
    const uids = this.#byWorkload.get(state.workload);
    uids?.delete(state.uid);
    if (uids?.size === 0) this.#byWorkload.delete(state.workload);
    this.#tell(state.workload);
  }

  sliceChanged(slice: EndpointSlice): void {
    const ready = new Map<string, string>();
    for (const { conditions, targetRef, addresses } of slice.endpoints ?? []) {
      const [address] = addresses;
      if (conditions?.ready === true && targetRef?.uid !== undefined && address !== undefined)
        ready.set(targetRef.uid, address);
    }
    this.#setSlice(slice, ready);
  }

  sliceGone(slice: EndpointSlice): void {
    this.#setSlice(slice, null);
  }

  /** Follows the API server by two informers. Resolves when the first lists are in. @param onError told what keeps them from going on */
  async keep(api: KubernetesApi, namespace: string, onError: (error: Error) => void): Promise<void> {
    const query = { namespace, labels: POD_SELECTOR, onError };
    const pods = api.watch(PODS, {
      ...query,
      onChange: ({ type, object }) => (type === 'removed' ? this.podGone(object) : this.podChanged(object)),
    });
    const slices = api.watch(ENDPOINT_SLICES, {
      ...query,
      onChange: ({ type, object }) => (type === 'removed' ? this.sliceGone(object) : this.sliceChanged(object)),
    });
    await Promise.all([pods.synced, slices.synced]);
  }

  #setSlice(slice: EndpointSlice, ready: ReadonlyMap<string, string> | null): void {
    const name = slice.metadata?.name ?? '';
    const workload = slice.metadata?.labels?.[WORKLOAD_LABEL];
    if (workload === undefined) return;
    const slices = this.#slices.get(workload) ?? new Map<string, ReadonlyMap<string, string>>();
    if (ready) slices.set(name, ready);
    else slices.delete(name);
    if (slices.size > 0) this.#slices.set(workload, slices);
    else this.#slices.delete(workload);
    this.#tell(workload);
  }

  #tell(workload: string): void {
    this.#followers.get(workload)?.(this.podsOf(workload));
  }
}
