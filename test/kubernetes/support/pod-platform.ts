import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { LocalKubernetes } from '../../../bench/kubernetes/local-kubernetes';
import { jsonOf } from '../../../bench/harness/http-probe';
import { freePort } from '../../../bench/harness/platform';
import { assetPath } from '../../../drivers/asset-path';
import type { ResourceType } from '../../../drivers/kubernetes/resource-type';
import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  NAMESPACES,
  PODS,
  SECRETS,
  SERVICES,
} from '../../../drivers/kubernetes/resources';
import type { RestKubernetesApi } from '../../../drivers/kubernetes/rest/rest-kubernetes-api';
import { ownPostgresUrl } from '../../../workers/all/services/postgres-cluster';
import { openTestPlatform, until, type TestPlatform } from '../../e2e/support/test-platform';
import { applyManifest } from './apply-manifest';
import { applyDefinitions } from './custom-resources';

const FUNCTIONS = 'presage-functions';

export interface PodPlatformOptions {
  readonly cluster: LocalKubernetes;
  readonly api: RestKubernetesApi;
  /** Profile of PodSecurity that function pods must keep to. */
  readonly profile: 'restricted' | 'baseline';
  /** Of the pod agents: environment in the form `PRESAGE__KUBERNETES__PODS__USER`. */
  readonly pods: Readonly<Record<string, string>>;
  /** That run functions as pods: it is waited for them. */
  readonly hosts: readonly string[];
}

/** A process of the platform beside those that are supervised. */
export interface OneMore {
  /** Resolves when it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** One that answers at a door for health. */
export interface Watched extends OneMore {
  metrics(): Promise<string>;
}

/** The whole platform on a Kubernetes: nodes, objects, and functions as pods; one node of its own runs functions as processes. */
export class PodPlatform {
  #agents: OneMore | undefined;
  readonly #others = new Set<OneMore>();

  private constructor(
    private readonly options: PodPlatformOptions,
    private readonly settings: Readonly<Record<string, string>>,
    readonly platform: TestPlatform,
  ) {}

  get cluster(): LocalKubernetes {
    return this.options.cluster;
  }

  get api(): RestKubernetesApi {
    return this.options.api;
  }

  static async open(options: PodPlatformOptions): Promise<PodPlatform> {
    const { cluster, api, profile } = options;
    await Promise.all([
      api.create(NAMESPACES, {
        metadata: { name: FUNCTIONS, labels: { 'pod-security.kubernetes.io/enforce': profile } },
      }),
      api.create(NAMESPACES, { metadata: { name: 'acme' } }),
      applyDefinitions(api),
    ]);
    for (const file of ['control-nodes', 'control-objects'])
      await applyManifest(api, assetPath(`deploy/kubernetes/${file}.yaml`));
    const settings = {
      PRESAGE__CLUSTER: 'kubernetes',
      // With the rights of the manifests, and no others.
      PRESAGE__KUBERNETES__KUBECONFIG: await cluster.serviceAccountKubeconfig('presage', 'presage-control'),
      PRESAGE__OBJECTS__ENABLED: 'true',
      PRESAGE__NODES: JSON.stringify([{ name: 'local', tier: 'central' }]),
      PRESAGE__AGENT__SANDBOX: 'process',
      PRESAGE__AGENT__LINGER: '100ms',
    };
    const own = new PodPlatform(options, settings, await openTestPlatform(settings));
    own.startAgents();
    await own.nodesReady();
    return own;
  }

  startAgents(): void {
    this.#agents = this.#start('pod-agents', {
      ...this.settings,
      PRESAGE__KUBERNETES__KUBECONFIG: this.options.cluster.kubeconfig(),
      PRESAGE__KUBERNETES__PODS__CODE__PORT: '0',
      PRESAGE__NODES: '[]',
      ...this.options.pods,
    });
  }

  async endAgents(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#agents?.end(signal);
  }

  /** A control worker beside the supervised one, as a second replica is. Resolves when it works. */
  async startControl(): Promise<Watched> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const started = this.#start('control', { ...this.settings, PRESAGE__HEALTH__PORT: `${port}` });
    const ask = (at: string): Promise<Response | null> => fetch(`${url}${at}`).catch(() => null);
    await until('the second control worker', async () => (await ask('/readyz'))?.status === 200, 60_000);
    return { ...started, metrics: async () => (await ask('/metrics'))?.text() ?? '' };
  }

  /** Waits until exactly these are, and work. Left out: those of the beginning. */
  async nodesReady(names: readonly string[] = ['local', ...this.options.hosts]): Promise<void> {
    const sorted = [...names].sort().join();
    await until(`${sorted} to be ready`, async () => {
      const { items } = jsonOf<{ items: { name: string; state: string }[] }>(await this.platform.probe.send('/v1/nodes'));
      return items.filter(({ state }) => state === 'ready').map(({ name }) => name).sort().join() === sorted; // prettier-ignore
    }, 60_000); // prettier-ignore
  }

  /** Waits until the gateway reaches the agents of all nodes, as it does some time after they were started anew. */
  async agentsAnswer(): Promise<void> {
    await until('the agents to answer', async () => {
      const { body } = await this.platform.probe.send('/metrics');
      return this.options.hosts.every((name) => body.includes(`presage_node_up{node="${name}"} 1`));
    });
  }

  /** Pods of a function that were not told to go. */
  async pods(name: string) {
    const query = { namespace: FUNCTIONS, labels: `presage.dev/function=${name}` };
    return (await this.options.api.list(PODS, query)).items.filter(
      ({ metadata }) => metadata?.deletionTimestamp === undefined,
    );
  }

  async placesOf(name: string): Promise<(string | undefined)[]> {
    return (await this.pods(name)).map(({ spec }) => spec?.nodeName);
  }

  /** All that Kubernetes has of functions, in words. @param labels which of it; left out: everything */
  async left(labels?: string): Promise<readonly string[]> {
    const types = [PODS, DEPLOYMENTS, SECRETS, SERVICES, ENDPOINT_SLICES] as readonly ResourceType[];
    const query = { namespace: FUNCTIONS, ...(labels === undefined ? {} : { labels }) };
    const found = await Promise.all(
      types.map(async (type) => (await this.options.api.list(type, query)).items.map((item) => ({ ...item, kind: type.kind }))), // prettier-ignore
    );
    return found.flat().map(({ kind, metadata }) => `${kind} ${metadata?.name ?? ''} ${metadata?.deletionTimestamp ?? ''}`); // prettier-ignore
  }

  /** Status and body of a call. */
  async call(name: string, tenant = 'default'): Promise<string> {
    const { status, body } = await this.platform.probe.send(`/fn/${tenant}/${name}/`);
    return `${status} ${body}`;
  }

  async stop(): Promise<void> {
    for (const other of this.#others) await other.end();
    await this.platform.stop();
  }

  #start(worker: string, settings: Readonly<Record<string, string>>): OneMore {
    const { config, dataDir } = this.platform;
    const child: ChildProcess = spawn(process.execPath, [assetPath(`dist/workers/${worker}.js`)], {
      env: {
        ...process.env,
        ...settings,
        PRESAGE__DATADIR: dataDir,
        PRESAGE__RUNDIR: config.runDir,
        PRESAGE__POSTGRES__URL: ownPostgresUrl(config),
        PRESAGE__TEMPORAL__ADDRESS: `127.0.0.1:${config.temporal.port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(path.join(dataDir, 'logs', `other-${worker}.log`), { flags: 'a' });
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const one: OneMore = {
      end: async (signal = 'SIGTERM') => {
        child.kill(signal);
        await gone;
        this.#others.delete(one);
      },
    };
    this.#others.add(one);
    return one;
  }
}
