import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureKubernetes } from '../../../bench/kubernetes/ensure-kubernetes';
import type { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import { NODES } from '../../../drivers/kubernetes/resources';
import type { KubernetesApi } from '../../../drivers/kubernetes/kubernetes-api';
import type { PodImages } from '../../../drivers/sandbox/kubernetes/workload-objects';
import { ensureRunc } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { cacheDir } from '../../../workers/cache-dir';
import { waitFor } from '../../drivers/sandbox/wait-for';
import { ImageRegistry } from './image-registry';
import { addNodeImages } from './node-images';
import { ensureNodeTools } from './node-tools';

const run = promisify(execFile);
export const REAL_NODE = 'real-0';
/** Seconds between two looks of the kubelet at what pods use. */
export const MEASURED_EVERY_S = 1;
const BRIDGE = 'presage-cni0';
const SUBNET = '10.89.0.0/16';
/** The bridge has the first address. */
const GATEWAY = '10.89.0.1';
const READY_MS = 120_000;

/** Why this machine cannot be a node; null where it can, as far as one sees. */
export function nodeObstacle(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) return 'it needs apt, for Debian packages';
  if (!existsSync('/usr/bin/gcc')) return 'it needs gcc';
  if (ownAddress() === null) return 'it needs a network address besides loopback, which a kubelet refuses';
  return null;
}

/** What CRIU needs to ask for the limits of a process of another user, as a bit of the effective capabilities. */
const CAP_SYS_RESOURCE = 24n;

/** As which functions can be checkpointed here. */
export function functionUser(): number {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${effective}`) >> CAP_SYS_RESOURCE) & 1n ? 1000 : 0;
}

/** A real kubelet with containerd, runc and CRIU on this machine, as the node `real-0` of a local cluster. */
export class RealNode {
  readonly #children: ChildProcess[] = [];

  private constructor(
    readonly folder: string,
    readonly registry: ImageRegistry,
    readonly images: PodImages,
  ) {}

  static async start(cluster: LocalKubernetes, api: KubernetesApi): Promise<RealNode> {
    const quiet = (): void => undefined;
    const [tools, kubelet, runc] = await Promise.all([
      ensureNodeTools(cacheDir()),
      ensureKubernetes('kubelet', (line) => process.stderr.write(`${line}\n`)),
      ensureRunc(quiet),
    ]);
    const folder = await mkdtemp(path.join(tmpdir(), 'presage-node-'));
    const registry = await ImageRegistry.open(path.join(folder, 'registry'));
    const { images, pause } = await addNodeImages(registry, tools, cacheDir());
    const node = new RealNode(folder, registry, images);
    try {
      await node.#writeFiles(tools.cni, pause);
      const paths = [tools.bin, path.dirname(runc), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
      const env = { PATH: paths.join(':') };
      node.#spawn('containerd', path.join(tools.bin, 'containerd'), ['-c', node.file('containerd.toml')], env);
      await waitFor('containerd to listen', () => existsSync(node.file('containerd.sock')), READY_MS);
      node.#spawn(
        'kubelet',
        kubelet,
        [
          `--config=${node.file('kubelet.yaml')}`,
          `--kubeconfig=${cluster.kubeconfig('node')}`,
          `--root-dir=${node.file('kubelet')}`,
          `--cert-dir=${node.file('kubelet-pki')}`,
          `--hostname-override=${REAL_NODE}`,
          `--node-ip=${ownAddress() ?? ''}`,
          // Ten by itself, which tests would wait for.
          `--housekeeping-interval=${MEASURED_EVERY_S}s`,
          '--node-labels=presage.dev/tier=edge,presage.dev/isolation=pod',
        ],
        env,
      );
      await waitFor('the node to be Ready', () => node.#isReady(api), READY_MS);
    } catch (error) {
      const words = ['containerd', 'kubelet'].map((name) => node.#lastWords(name)).join('\n');
      await node.stop();
      throw new Error(`The node did not get ready:\n${words}`, { cause: error });
    }
    return node;
  }

  file(name: string): string {
    return path.join(this.folder, name);
  }

  /** Where pods reach this machine. */
  readonly gateway = GATEWAY;

  /** Of all its pods. */
  readonly subnet = SUBNET;

  /** Where the kubelet puts its checkpoints. */
  get checkpoints(): string {
    return this.file('kubelet/checkpoints');
  }

  /** By which containerd is told how CRIU is to work. */
  get annotations(): Record<string, string> {
    return { 'org.criu.config': this.file('criu.conf') };
  }

  /** What CRIU said last, for the error of a checkpoint or a restore that failed. */
  criuWords(): string {
    const logs = readdirSync(this.file('containerd-state'), { recursive: true, encoding: 'utf8' })
      .concat(
        readdirSync(this.file('containerd-root'), { recursive: true, encoding: 'utf8' }).map(
          (name) => `../containerd-root/${name}`,
        ),
      )
      .filter((name) => /(criu-dump|restore|dump)\.log$/.test(name))
      .map((name) => path.join(this.file('containerd-state'), name));
    const words = logs.map((name) => {
      const lines = readFileSync(name, 'utf8').trimEnd().split('\n');
      const telling = lines.filter((line) => /Error|Warn/.test(line));
      return [name, ...(telling.length > 0 ? telling : lines.slice(-10))].join('\n');
    });
    return words.join('\n') || 'CRIU left no log';
  }

  async stop(): Promise<void> {
    for (const child of [...this.#children].reverse()) await end(child);
    // Shims outlive containerd: only those of its own socket are meant.
    for (const pid of processesNaming(this.file('containerd.sock'))) tryKill(pid);
    await this.registry.close();
    await run('sh', ['-c', `grep -o '${this.folder}[^ ]*' /proc/self/mounts | sort -r | xargs -r -n1 umount -l`]).catch(
      () => undefined,
    );
    await run('ip', ['link', 'del', BRIDGE]).catch(() => undefined);
    await run('sh', ['-c', 'find /sys/fs/cgroup/*/kubepods -depth -type d -exec rmdir {} +']).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #writeFiles(cni: string, pause: string): Promise<void> {
    for (const name of ['cni', 'logs', 'ipam']) await mkdir(this.file(name));
    // A client that keeps its connection must not keep the function from being checkpointed.
    await writeFile(this.file('criu.conf'), 'network-lock skip\nmanage-cgroups soft\ntcp-close\n');
    await writeFile(
      this.file('containerd.toml'),
      `version = 3
root = "${this.file('containerd-root')}"
state = "${this.file('containerd-state')}"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "${this.file('containerd.sock')}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${pause}"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  pod_annotations = ["org.criu.*"]
  container_annotations = ["org.criu.*"]
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ["${cni}"]
  conf_dir = "${this.file('cni')}"
`,
    );
    const bridge = {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: SUBNET }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: this.file('ipam'),
      },
    };
    const network = { cniVersion: '1.0.0', name: 'functions', plugins: [bridge, { type: 'loopback' }] };
    await writeFile(this.file('cni/10-bridge.conflist'), JSON.stringify(network));
    await writeFile(
      this.file('kubelet.yaml'),
      JSON.stringify({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        failCgroupV1: false,
        cgroupDriver: 'cgroupfs',
        enforceNodeAllocatable: [],
        containerRuntimeEndpoint: `unix://${this.file('containerd.sock')}`,
        address: ownAddress(),
        healthzPort: 0,
        authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
        authorization: { mode: 'AlwaysAllow' },
        failSwapOn: false,
        makeIPTablesUtilChains: false,
        resolvConf: '',
        podLogsDir: this.file('logs'),
        evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%' },
        nodeStatusUpdateFrequency: '2s',
        syncFrequency: '5s',
      }),
    );
  }

  async #isReady(api: KubernetesApi): Promise<boolean> {
    const gone = this.#children.find(({ exitCode }) => exitCode !== null);
    if (gone) throw new Error(`${gone.spawnfile} ended`);
    const node = await api.find(NODES, { name: REAL_NODE });
    return (node?.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
  }

  #spawn(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    const log = openSync(this.file(`${name}.log`), 'a');
    this.#children.push(spawn(program, [...args], { stdio: ['ignore', log, log], env }));
    closeSync(log);
  }

  #lastWords(name: string): string {
    if (!existsSync(this.file(`${name}.log`))) return '';
    return readFileSync(this.file(`${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-6)
      .join('\n');
  }
}

/** The first IPv4 address of this machine that others could reach. */
function ownAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(last);
}

function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}
