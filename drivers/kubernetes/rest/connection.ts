import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { PlatformError } from '../../../core/error/platform-error';
import { definedFields } from '../../../core/settings/defined-fields';

/** Where the API server is and who asks. Nothing given: `$KUBECONFIG`, `~/.kube/config`, or the pod's own service account. */
export interface KubernetesConnectionSettings {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string | undefined;
  /** One of its contexts; default: its current one. */
  readonly context?: string | undefined;
  /** `https://host:port`, without any kubeconfig; the two files go with it. */
  readonly server?: string | undefined;
  readonly caFile?: string | undefined;
  /** Read again every minute, as tokens of service accounts change. */
  readonly tokenFile?: string | undefined;
}

/** What a request needs to get there as who we are. */
export interface RequestIdentity {
  readonly agent: http.Agent;
  /** For answers that go on and on: they must not take the connections of the others. */
  readonly streams: http.Agent;
  readonly headers: http.OutgoingHttpHeaders;
  readonly auth?: string;
}

const MAX_SOCKETS = 64;

/** The way to an API server. Credentials are worked out for each request: tokens, certificates and exec plugins renew theirs. */
export class Connection {
  readonly url: string;
  readonly namespace: string;
  #agents: { readonly key: string; readonly agent: http.Agent; readonly streams: http.Agent } | undefined;

  private constructor(private readonly kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new PlatformError('invalid_argument', 'The kubeconfig names no cluster', { hint: HINT });
    this.url = cluster.server.replace(/\/$/, '');
    this.namespace = kubeConfig.getContextObject(kubeConfig.getCurrentContext())?.namespace ?? 'default';
  }

  /** @throws PlatformError invalid_argument with what is wrong with the settings or the files that they name */
  static async open(settings: KubernetesConnectionSettings): Promise<Connection> {
    // Some 80 MB of memory, which who runs without Kubernetes does not need.
    const { KubeConfig } = await import('@kubernetes/client-node');
    const kubeConfig = new KubeConfig();
    try {
      load(kubeConfig, settings);
    } catch (error) {
      throw new PlatformError('invalid_argument', `The way to Kubernetes cannot be read: ${(error as Error).message}`, {
        cause: error,
        hint: HINT,
      });
    }
    return new Connection(kubeConfig);
  }

  async identity(): Promise<RequestIdentity> {
    const options: https.RequestOptions = { headers: {} };
    try {
      await this.kubeConfig.applyToHTTPSOptions(options);
    } catch (error) {
      throw new PlatformError('unauthenticated', `No credentials for ${this.url}: ${(error as Error).message}`, {
        cause: error,
        hint: HINT,
      });
    }
    return {
      ...this.#agentsOf(options),
      headers: options.headers as http.OutgoingHttpHeaders,
      ...(typeof options.auth === 'string' ? { auth: options.auth } : {}),
    };
  }

  close(): void {
    this.#destroyAgents();
  }

  #destroyAgents(): void {
    this.#agents?.agent.destroy();
    this.#agents?.streams.destroy();
  }

  /** The library makes one for each request; connections are worth keeping as long as the credentials are the same. */
  #agentsOf({
    agent,
    ca,
    cert,
    key,
    pfx,
    passphrase,
    servername,
    rejectUnauthorized,
  }: https.RequestOptions): Pick<RequestIdentity, 'agent' | 'streams'> {
    const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
    const identity = Object.values(tls).map(String).join('\n');
    if (this.#agents?.key === identity) return { agent: this.#agents.agent, streams: this.#agents.streams };
    this.#destroyAgents();
    const proxied = this.kubeConfig.getCurrentCluster()?.proxyUrl !== undefined && agent instanceof http.Agent;
    const make = (kept: http.AgentOptions): http.Agent => {
      if (proxied) return agent;
      return this.url.startsWith('https:') ? new https.Agent({ ...kept, ...definedFields(tls) }) : new http.Agent(kept);
    };
    const agents = { agent: make({ keepAlive: true, maxSockets: MAX_SOCKETS }), streams: make({}) };
    this.#agents = { key: identity, ...agents };
    return agents;
  }
}

const HINT =
  'Give kubernetes.kubeconfig, or kubernetes.server with caFile and tokenFile; inside a pod its service account is used.';

function load(kubeConfig: KubeConfig, settings: KubernetesConnectionSettings): void {
  const { kubeconfig, context, server, caFile, tokenFile } = settings;
  if (server !== undefined) {
    if (!/^https?:\/\//.test(server)) throw new Error(`"${server}" is no URL of an API server`);
    for (const file of [caFile, tokenFile]) if (file && !existsSync(file)) throw new Error(`there is no file ${file}`);
    kubeConfig.loadFromOptions({
      clusters: [{ name: 'given', server, skipTLSVerify: server.startsWith('http:'), ...(caFile ? { caFile } : {}) }],
      users: [
        { name: 'given', ...(tokenFile ? { authProvider: { name: 'tokenFile', config: { tokenFile } } } : undefined) },
      ],
      contexts: [{ name: 'given', cluster: 'given', user: 'given' }],
      currentContext: 'given',
    });
    return;
  }
  if (kubeconfig !== undefined) kubeConfig.loadFromFile(kubeconfig);
  else {
    kubeConfig.loadFromDefault();
    // What the library takes where it finds nothing.
    if (kubeConfig.getCurrentCluster()?.server === 'http://localhost:8080')
      throw new Error('there is no kubeconfig, and this is no pod');
  }
  if (context === undefined) return;
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(context)) throw new Error(`there is no context "${context}", only ${names.join(', ')}`);
  kubeConfig.setCurrentContext(context);
}
