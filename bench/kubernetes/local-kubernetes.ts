import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Registry } from 'prom-client';
import { RestKubernetesApi } from '../../drivers/kubernetes/rest/rest-kubernetes-api';
import { SERVICE_ACCOUNTS } from '../../drivers/kubernetes/resources';
import { freePort } from '../harness/platform';
import { kubeconfig, writeClusterFiles, type ClusterUser } from './cluster-files';
import { ensureKubernetes } from './ensure-kubernetes';
import { createFakeNodes, FAKE_NODES, type FakeNode } from './fake-nodes';
import { serverFlags, SERVERS, type Server, type ServerPorts } from './server-flags';
import { ServerProcess } from './server-process';

export interface LocalKubernetesOptions {
  /** For keys, logs and etcd; default: a folder in the system's temporary one, which `stop` removes. */
  readonly folder?: string;
  /** Default: `FAKE_NODES`, twelve in three tiers. */
  readonly nodes?: readonly FakeNode[];
  readonly progress?: (line: string) => void;
}

const READY_MS = 120_000;
const LOOK_MS = 50;

/** The servers of a real Kubernetes on loopback, with nodes that are played: pods there are Running and nothing runs. */
export class LocalKubernetes {
  readonly #servers = new Map<Server, ServerProcess>();

  private constructor(
    readonly folder: string,
    /** Of the API server. */
    readonly url: string,
    private readonly ports: ServerPorts,
    private readonly temporary: boolean,
  ) {}

  /** Builds what is not built yet, and resolves when all servers answer and all nodes are Ready: some five seconds. */
  static async start(options: LocalKubernetesOptions = {}): Promise<LocalKubernetes> {
    const program = await ensureKubernetes('servers', options.progress ?? (() => undefined));
    const folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'presage-kubernetes-'));
    mkdirSync(folder, { recursive: true });
    const [api, etcd, etcdPeers, controllers, scheduler] = await freePorts(5);
    const ports = { api, etcd, etcdPeers, controllers, scheduler } as ServerPorts;
    const url = `https://127.0.0.1:${ports.api}`;
    writeClusterFiles(folder, url);
    const local = new LocalKubernetes(folder, url, ports, options.folder === undefined);
    for (const server of SERVERS) {
      const flags = [server, ...serverFlags(server, folder, ports)];
      local.#servers.set(server, new ServerProcess(server, program, flags, path.join(folder, `${server}.log`)));
    }
    try {
      await local.#up(options.nodes ?? FAKE_NODES);
    } catch (error) {
      await local.stop();
      throw error;
    }
    return local;
  }

  /** Of etcd, for what the API server does not let one do. */
  get etcdUrl(): string {
    return `http://127.0.0.1:${this.ports.etcd}`;
  }

  /** Path of a user's kubeconfig. */
  kubeconfig(user: ClusterUser = 'admin'): string {
    return path.join(this.folder, `${user}.kubeconfig`);
  }

  /** A client of a user's. @param registry where its calls are counted */
  api(user: ClusterUser = 'admin', registry?: Registry): Promise<RestKubernetesApi> {
    return RestKubernetesApi.open({ kubeconfig: this.kubeconfig(user) }, registry);
  }

  /** Path of a kubeconfig with which one is a service account, for an hour. */
  async serviceAccountKubeconfig(namespace: string, name: string): Promise<string> {
    const admin = await this.api();
    const answer = (await admin.raw({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
      verb: 'create',
      resource: 'serviceaccounts/token',
    })) as { status: { token: string } };
    await admin.close();
    const file = path.join(this.folder, `${namespace}-${name}.kubeconfig`);
    writeFileSync(file, kubeconfig(this.folder, this.url, answer.status.token, namespace), { mode: 0o600 });
    return file;
  }

  /** Ends one server; SIGKILL for a crash. */
  async end(server: Server, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#servers.get(server)?.stop(signal);
  }

  /** Starts one that was ended, and resolves when it answers. */
  async startAgain(server: Server): Promise<void> {
    this.#servers.get(server)?.start();
    await this.#answers(server);
    if (server !== 'kube-apiserver') return;
    // Kubernetes' own parts ask a server that was away again after up to half a minute; those that are started anew, at once.
    const others = SERVERS.slice(SERVERS.indexOf(server) + 1);
    await Promise.all(others.map((other) => this.end(other, 'SIGKILL')));
    for (const other of others) this.#servers.get(other)?.start();
    await Promise.all(others.map((other) => this.#answers(other)));
  }

  /** Of one whose folder goes nothing is worth an orderly end. */
  async stop(): Promise<void> {
    if (!this.temporary) for (const server of [...SERVERS].reverse()) await this.#servers.get(server)?.stop();
    await Promise.all([...this.#servers.values()].map((server) => server.stop('SIGKILL')));
    if (this.temporary) rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async #up(nodes: readonly FakeNode[]): Promise<void> {
    const [etcd, apiServer, ...others] = SERVERS;
    this.#servers.get(etcd)?.start();
    this.#servers.get(apiServer)?.start();
    await this.#answers(apiServer);
    for (const server of others) this.#servers.get(server)?.start();
    await Promise.all(others.map((server) => this.#answers(server)));
    const api = await this.api();
    try {
      // Without it no pod is let in.
      await this.#until(
        async () => (await api.find(SERVICE_ACCOUNTS, { namespace: 'default', name: 'default' })) !== null,
        'kube-controller-manager',
      );
      await createFakeNodes(api, nodes);
    } finally {
      await api.close();
    }
  }

  #answers(server: Server): Promise<void> {
    const { api, controllers, scheduler } = this.ports;
    const looks: Partial<Record<Server, () => Promise<boolean>>> = {
      'kube-apiserver': () =>
        existsSync(this.#ca())
          ? ok(`https://127.0.0.1:${api}/readyz`, readFileSync(this.#ca()))
          : Promise.resolve(false),
      'kube-controller-manager': () => ok(`https://127.0.0.1:${controllers}/healthz`),
      'kube-scheduler': () => ok(`https://127.0.0.1:${scheduler}/healthz`),
    };
    const look = looks[server];
    return look ? this.#until(look, server) : Promise.resolve();
  }

  #ca(): string {
    return path.join(this.folder, 'pki', 'apiserver.crt');
  }

  async #until(look: () => Promise<boolean>, server: Server): Promise<void> {
    const end = performance.now() + READY_MS;
    while (!(await look())) {
      const process = this.#servers.get(server);
      if (!process?.runs) throw new Error(`${server} has ended:\n${process?.lastWords() ?? ''}`);
      if (performance.now() > end) throw new Error(`${server} does not answer:\n${process.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** Anybody may ask for the health of these. @param ca without it any certificate will do: it is this machine */
function ok(url: string, ca?: Buffer): Promise<boolean> {
  const trust = ca ? { ca } : { rejectUnauthorized: false };
  return new Promise((resolve) => {
    const request = https.get(url, { ...trust, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
