import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { RunSpec } from '../../../core/function/run-spec';
import type { BlankSandbox } from '../blank';
import type {
  CheckpointResult,
  FoundSandbox,
  RunningSandbox,
  SandboxCapabilities,
  SandboxDriver,
  SandboxListener,
  SandboxSpec,
  SandboxStats,
} from '../sandbox';
import { readImageReference, writeImageReference, type CheckpointImages } from './checkpoint-images';
import type { FunctionImages } from './function-images';
import { InstanceOwners } from './instance-owners';
import type { KnownPod } from './pod-book';
import type { NodeFacts } from './pod-calls';
import type { PodLogs } from './pod-logs';
import { PodStats } from './pod-stats';
import { PodWorkloads, servingPods, type PodWorkloadsOptions } from './pod-workloads';
import type { Workload } from './workload';
import { FUNCTION_CONTAINER, POD_PORT } from './workload-objects';

export interface KubernetesDriverOptions extends PodWorkloadsOptions {
  /** Null: no checkpoints, for `noCheckpoints`. */
  readonly checkpoints: CheckpointImages | null;
  readonly noCheckpoints: string;
  /** Null: functions that are images of their own do not run here. */
  readonly functionImages: FunctionImages | null;
  /** Null: what functions write is left to the cluster's own collector. */
  readonly logs: PodLogs | null;
  /** How often the kubelet measures what pods use; left out: as it does by itself. */
  readonly measuredEveryMs?: number;
  /** For what must outlive this process. */
  readonly stateDir: string;
}

/** Runtimes that are known to restore a container from a checkpoint image. */
const RESTORING = [
  { name: 'containerd', major: 2, minor: 1 },
  { name: 'cri-o', major: 1, minor: 25 },
] as const;
const NO_PAUSE = 'A pod cannot be frozen: Kubernetes knows no such state';
const NO_BLANKS = 'A pod cannot be given its code after it was started';

/** Functions as pods of one node, by way of the API server: Deployments pinned to the node, with as many pods as there are instances. */
export function createKubernetesDriver(options: KubernetesDriverOptions): SandboxDriver {
  return new KubernetesDriver(options);
}

class KubernetesDriver implements SandboxDriver {
  readonly name = 'kubernetes';
  readonly #owners: InstanceOwners;
  readonly #stats: PodStats;
  /** Made and not started yet. */
  readonly #specs = new Map<string, SandboxSpec>();
  readonly #workloads: PodWorkloads;
  readonly #homes = new Map<string, Workload>();
  /** Those whose end was told before they were to end. */
  readonly #lost = new Set<string>();
  #facts: Promise<NodeFacts> | undefined;
  #listener: SandboxListener | undefined;

  constructor(private readonly options: KubernetesDriverOptions) {
    this.#owners = new InstanceOwners(path.join(options.stateDir, 'pods.json'), (error) =>
      options.log.warn({ error: String(error) }, 'whose pods are whose cannot be written down'),
    );
    this.#stats = new PodStats(options.calls, options.node.name, options.measuredEveryMs);
    const { logs } = options;
    this.#workloads = new PodWorkloads(options, {
      bound: (id, pod) => {
        this.#owners.own(pod.uid, id);
        logs?.follow(id, pod.name, this.#logged);
      },
      failing: async (id, pod) => logs?.tell(id, pod.name, this.#logged),
      lost: (id, exit) => {
        this.#lost.add(id);
        this.#listener?.exited(id, exit);
      },
    });
  }

  async capabilities(): Promise<SandboxCapabilities> {
    const { checkpoints, noCheckpoints, logs, node } = this.options;
    const reasons = [
      NO_PAUSE,
      NO_BLANKS,
      '"network: none" holds where the network plugin enforces the NetworkPolicy of the namespace',
      'How many processes a function may have is set for the whole node: podPidsLimit of its kubelet',
    ];
    if (!logs) reasons.push('What functions write is not collected: kubernetes.pods.logs is none');
    let able = checkpoints !== null;
    if (!able) reasons.push(noCheckpoints);
    else {
      const doubt = await this.#nodeFacts().then(
        ({ runtime }) => restoreDoubt(runtime),
        (error: unknown) => `What ${node.name} runs is not known: ${String(error)}`,
      );
      if (doubt !== null) {
        able = false;
        reasons.push(doubt);
      }
    }
    return {
      pause: false,
      checkpoint: able,
      restore: able,
      isolation: true,
      network: true,
      blanks: false,
      reasons,
    };
  }

  open(listener: SandboxListener): Promise<void> {
    this.#listener = listener;
    return Promise.resolve();
  }

  create(spec: SandboxSpec): Promise<void> {
    if (this.#specs.has(spec.id) || this.#homes.has(spec.id)) {
      return Promise.reject(new PlatformError('conflict', `Instance ${spec.id} exists already`));
    }
    this.#specs.set(spec.id, spec);
    return Promise.resolve();
  }

  start(id: string): Promise<RunningSandbox> {
    const running = this.#homes.get(id)?.podOf(id);
    if (running) return Promise.resolve(describe(id, running));
    const spec = this.#specs.get(id);
    if (!spec) return Promise.reject(new PlatformError('not_found', `There is no instance ${id} on this node`));
    this.#specs.delete(id);
    return this.#launch(spec, null);
  }

  startBlank(): Promise<BlankSandbox> {
    return Promise.reject(new PlatformError('unsupported', NO_BLANKS));
  }

  specialise(): Promise<RunningSandbox> {
    return Promise.reject(new PlatformError('unsupported', NO_BLANKS));
  }

  pause(): Promise<void> {
    return Promise.reject(new PlatformError('unsupported', NO_PAUSE));
  }

  resume(): Promise<void> {
    return Promise.reject(new PlatformError('unsupported', NO_PAUSE));
  }

  async checkpoint(id: string, imageDir: string): Promise<CheckpointResult> {
    const { calls, node, checkpoints, noCheckpoints } = this.options;
    if (!checkpoints) throw new PlatformError('unsupported', noCheckpoints);
    const pod = this.#podOf(id);
    const run = this.#homes.get(id)?.spec.run;
    const begun = performance.now();
    const archive = await calls.checkpointPod(node.name, pod.name, FUNCTION_CONTAINER);
    const pauseMs = performance.now() - begun;
    const { image, bytes } = await checkpoints.publish(node.name, archive, {
      container: FUNCTION_CONTAINER,
      checkpoint: path.basename(imageDir),
      title: `${run?.tenant ?? 'default'}/${run?.function ?? id}`,
    });
    await writeImageReference(imageDir, { image, bytes });
    return { pauseMs, bytes };
  }

  async discard(imageDir: string): Promise<string | null> {
    const { checkpoints, noCheckpoints } = this.options;
    if (checkpoints) return checkpoints.remove(path.basename(imageDir));
    const known = await readImageReference(imageDir).catch(() => null);
    return known && `${known.image}: ${noCheckpoints}`;
  }

  async restore(spec: SandboxSpec, imageDir: string): Promise<RunningSandbox> {
    if (!this.options.checkpoints) throw new PlatformError('unsupported', this.options.noCheckpoints);
    const { image } = await readImageReference(imageDir);
    return this.#launch(spec, image);
  }

  async destroy(id: string): Promise<void> {
    this.#specs.delete(id);
    const home = this.#homes.get(id);
    if (!home) return;
    const ran = home.podOf(id) !== null;
    await home.stop(id);
    this.options.logs?.end(id);
    this.#owners.disown(id);
    if (!this.#homes.delete(id) || this.#lost.delete(id) || !ran) return;
    this.#listener?.exited(id, { code: null, signal: null, outOfMemory: false });
  }

  async stats(id: string): Promise<SandboxStats> {
    const { uid } = this.#podOf(id);
    return this.#stats.of(uid);
  }

  async recover(): Promise<FoundSandbox[]> {
    const { calls, node, book, log } = this.options;
    const owners = await this.#owners.read();
    const found: FoundSandbox[] = [];
    for (const workload of await calls.workloadsOf(node.name)) {
      const { name, run } = workload;
      const pods = servingPods(book.podsOf(name));
      if (run === null || pods.length === 0) {
        log.info({ workload: name }, 'removing pods that an earlier process left and that do not serve');
        await calls.removeWorkload(name);
        continue;
      }
      // One of which it is not written down whose it was is an instance all the same, under a name of its own.
      const ids = new Map(pods.map(({ uid }) => [uid, owners.get(uid) ?? uid.replaceAll('-', '')]));
      const home = this.#workloads.adopt({ ...workload, run }, ids);
      for (const pod of pods) {
        const id = ids.get(pod.uid) ?? '';
        this.#owners.own(pod.uid, id);
        this.#homes.set(id, home);
        this.options.logs?.follow(id, pod.name, this.#logged);
        found.push({ ...describe(id, pod), frozen: false, run });
      }
    }
    return found;
  }

  async hostKey(runtime: RunSpec['runtime']): Promise<string> {
    const { architecture, kernel, machine, runtime: engine } = await this.#nodeFacts();
    const image = this.options.calls.settings.images[runtime];
    return ['pod', architecture, machine, kernel, engine, image].join(' ');
  }

  async close({ destroyAll }: { destroyAll: boolean }): Promise<void> {
    if (destroyAll) await Promise.all([...this.#homes.keys()].map((id) => this.destroy(id)));
    for (const id of this.#homes.keys()) this.options.logs?.end(id);
    this.#workloads.release();
    await this.#owners.flushed();
  }

  readonly #logged = (line: Parameters<SandboxListener['logged']>[0]): void => this.#listener?.logged(line);

  async #launch(spec: SandboxSpec, checkpointImage: string | null): Promise<RunningSandbox> {
    const own = await this.#ownImageOf(spec);
    const workload = await this.#workloads.of(spec, { own, checkpoint: checkpointImage });
    this.#homes.set(spec.id, workload);
    try {
      return describe(spec.id, await workload.start(spec.id));
    } catch (error) {
      this.#homes.delete(spec.id);
      throw error;
    }
  }

  async #ownImageOf({ run, codeDir }: SandboxSpec): Promise<string | null> {
    if (run.codeKind !== 'oci') return null;
    const { functionImages } = this.options;
    if (functionImages && run.runtime === 'http') return functionImages.of(run.codeDigest, codeDir);
    const why = functionImages
      ? `Of functions that are OCI images only those of runtime http run as pods, not ${run.runtime}`
      : 'Functions that are OCI images run as pods only where kubernetes.pods.checkpoints.registry names a registry';
    throw new PlatformError('unsupported', why, { hint: 'Give the code as source, or leave spec.isolation at agent.' });
  }

  #podOf(id: string): KnownPod {
    const pod = this.#homes.get(id)?.podOf(id);
    if (!pod) throw new PlatformError('not_found', `There is no instance ${id} on this node`);
    return pod;
  }

  #nodeFacts(): Promise<NodeFacts> {
    this.#facts ??= this.options.calls.nodeFacts(this.options.node.name);
    this.#facts.catch(() => (this.#facts = undefined));
    return this.#facts;
  }
}

function describe(id: string, { readyAt }: KnownPod): RunningSandbox {
  const endpoints = readyAt === null ? [] : [{ kind: 'tcp' as const, host: readyAt, port: POD_PORT }];
  return { id, pid: 0, endpoints, ready: true };
}

/** Why a node's container runtime is not trusted to restore; null where it is. */
export function restoreDoubt(runtime: string): string | null {
  const [, name = '', major = '0', minor = '0'] = /^([\w-]+):\/\/v?(\d+)\.(\d+)/.exec(runtime) ?? [];
  const known = RESTORING.find((each) => each.name === name);
  const able =
    known && (Number(major) > known.major || (Number(major) === known.major && Number(minor) >= known.minor));
  if (able) return null;
  return `${runtime || 'The container runtime'} does not restore pods from checkpoints: that needs containerd 2.1 or CRI-O 1.25`;
}
