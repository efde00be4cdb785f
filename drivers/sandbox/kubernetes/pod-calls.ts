import { isPlatformError, PlatformError } from '../../../core/error/platform-error';
import { runSpecSchema, type RunSpec } from '../../../core/function/run-spec';
import type { KubernetesApi } from '../../kubernetes/kubernetes-api';
import { DEPLOYMENTS, NODES, PODS, SECRETS, SERVICES } from '../../kubernetes/resources';
import {
  CHECKPOINT_ANNOTATION,
  KEY_ANNOTATION,
  labelValue,
  NODE_LABEL,
  POD_SELECTOR,
  RUN_ANNOTATION,
} from './pod-labels';
import {
  CODE_TOKEN_KEY,
  deploymentOf,
  secretOf,
  serviceOf,
  type PodSettings,
  type WorkloadSpec,
} from './workload-objects';

/** A Deployment of ours as it was found. */
export interface FoundWorkload {
  readonly name: string;
  readonly replicas: number;
  /** Null where its annotation cannot be read. */
  readonly run: RunSpec | null;
  readonly checkpointImage: string | null;
  /** What its pods are made of, as `WorkloadSpec.key`; null where it is not said. */
  readonly key: string | null;
}

/** What the API server knows of a node's software. */
export interface NodeFacts {
  readonly architecture: string;
  /** The provider's name for this sort of machine; empty where it gives none. */
  readonly machine: string;
  readonly kernel: string;
  /** Such as `containerd://2.1.9`. */
  readonly runtime: string;
}

/** Kubernetes takes the first to go from the pods that cost least. */
const LEAST_DELETION_COST = '-1000';
const CHECKPOINT_MS = 120_000;

/** The calls to the API server by which pods are run; each method says how many it is. Errors are those of `KubernetesApi`. */
export class PodCalls {
  constructor(
    private readonly api: KubernetesApi,
    readonly settings: PodSettings,
  ) {}

  /** A Deployment, its Secret and its Service: three calls. What an answer that got lost has made stays as it is. */
  async createWorkload(spec: WorkloadSpec, replicas: number): Promise<void> {
    const deployment = deploymentOf(spec, this.settings, replicas);
    const made = await this.api
      .create(DEPLOYMENTS, deployment)
      .catch(ifConflict(() => this.api.get(DEPLOYMENTS, this.#ref(spec.name))));
    const uid = made.metadata?.uid ?? '';
    const there = ifConflict(() => Promise.resolve());
    await Promise.all([
      this.api.create(SECRETS, secretOf(spec, this.settings, uid)).catch(there),
      this.api.create(SERVICES, serviceOf(spec, this.settings, uid)).catch(there),
    ]);
  }

  /** One call. False when it is gone. */
  scale(workload: string, replicas: number): Promise<boolean> {
    const patch = { spec: { replicas } };
    return unlessGone(this.api.patch(DEPLOYMENTS, this.#ref(workload), patch, { subresource: 'scale' }));
  }

  /** Renews what its pods fetch their code with: one call. No error when it is gone. */
  async renewToken(workload: string, token: string): Promise<void> {
    const data = { [CODE_TOKEN_KEY]: Buffer.from(token).toString('base64') };
    await unlessGone(this.api.patch(SECRETS, this.#ref(workload), { data }));
  }

  /** The Deployment, and with it all that it owns: one call. No error when it is gone. */
  async removeWorkload(workload: string): Promise<void> {
    await unlessGone(this.api.delete(DEPLOYMENTS, this.#ref(workload), { propagation: 'Background' }));
  }

  /** Those of a node: one call. */
  async workloadsOf(node: string): Promise<readonly FoundWorkload[]> {
    const labels = `${POD_SELECTOR},${NODE_LABEL}=${labelValue(node)}`;
    const { items } = await this.api.list(DEPLOYMENTS, { namespace: this.settings.namespace, labels });
    return items.map(({ metadata, spec }) => ({
      name: metadata?.name ?? '',
      replicas: spec?.replicas ?? 0,
      run: readRun(metadata?.annotations?.[RUN_ANNOTATION]),
      checkpointImage: metadata?.annotations?.[CHECKPOINT_ANNOTATION] ?? null,
      key: metadata?.annotations?.[KEY_ANNOTATION] ?? null,
    }));
  }

  /** The next scaling down takes this pod before others: one call. No error when it is gone. */
  async markPod(pod: string): Promise<void> {
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': LEAST_DELETION_COST };
    await unlessGone(this.api.patch(PODS, this.#ref(pod), { metadata: { annotations } }));
  }

  /** One call. No error when it is gone. @param graceSeconds null: what its spec says */
  async deletePod(pod: string, graceSeconds: number | null): Promise<void> {
    await unlessGone(this.api.delete(PODS, this.#ref(pod), graceSeconds === null ? {} : { graceSeconds }));
  }

  /** Path of the archive on the node: one call. @throws PlatformError checkpoint_failed */
  async checkpointPod(node: string, pod: string, container: string): Promise<string> {
    const path = `/api/v1/nodes/${node}/proxy/checkpoint/${this.settings.namespace}/${pod}/${container}`;
    const call = { method: 'POST', verb: 'create', resource: 'nodes/proxy', timeoutMs: CHECKPOINT_MS } as const;
    const answer = await this.api.raw({ ...call, path }).catch((error: unknown) => {
      throw new PlatformError('checkpoint_failed', `The kubelet of ${node} made no checkpoint: ${String(error)}`, {
        cause: error,
        hint: 'It needs the feature ContainerCheckpoint, a container runtime with CRIU, and the right to nodes/proxy.',
      });
    });
    const [archive] = (answer as { items?: readonly string[] } | null)?.items ?? [];
    if (archive !== undefined) return archive;
    throw new PlatformError('checkpoint_failed', `The kubelet of ${node} named no archive of its checkpoint`);
  }

  /** The kubelet's summary of its pods, as JSON: one call. @throws PlatformError unsupported */
  podSummary(node: string): Promise<unknown> {
    const path = `/api/v1/nodes/${node}/proxy/stats/summary`;
    return this.api.raw({ method: 'GET', path, verb: 'get', resource: 'nodes/proxy' }).catch((error: unknown) => {
      throw new PlatformError('unsupported', `The kubelet of ${node} gives no figures of its pods`, { cause: error });
    });
  }

  /** One call. */
  async nodeFacts(name: string): Promise<NodeFacts> {
    const { status, metadata } = await this.api.get(NODES, { name });
    const info = status?.nodeInfo;
    return {
      architecture: info?.architecture ?? '',
      machine: metadata?.labels?.['node.kubernetes.io/instance-type'] ?? '',
      kernel: info?.kernelVersion ?? '',
      runtime: info?.containerRuntimeVersion ?? '',
    };
  }

  #ref(name: string): { readonly name: string; readonly namespace: string } {
    return { name, namespace: this.settings.namespace };
  }
}

function ifConflict<T>(otherwise: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (isPlatformError(error) && error.code === 'conflict') return otherwise();
    throw error;
  };
}

async function unlessGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isPlatformError(error) && error.code === 'not_found') return false;
    throw error;
  }
}

function readRun(text: string | undefined): RunSpec | null {
  try {
    return runSpecSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return null;
  }
}
