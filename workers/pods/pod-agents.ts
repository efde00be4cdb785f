import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Logger } from 'pino';
import type { CheckpointStore } from '../../agent/checkpoint/checkpoint-store';
import type { CodeStore } from '../../agent/code/code-store';
import { NodeAgent } from '../../agent/node-agent';
import { NodeHeartbeat } from '../../agent/node-heartbeat';
import { serveAgent, type AgentServer } from '../../agent/rpc/agent-server';
import { priceTableOf } from '../../core/cost/cost-settings';
import { warmthPricing } from '../../core/cost/warmth/warmth-pricing';
import { AgentTraces } from '../../agent/rpc/agent-traces';
import type { SandboxDriver } from '../../drivers/sandbox/sandbox';
import { pricedSink } from '../../drivers/store/priced-sink';
import type { Store } from '../../drivers/store/store';
import type { Tracer } from '../../drivers/tracing/tracer';
import { reconcileInstances } from '../agent/reconcile-instances';
import type { Config } from '../config';
import { heldSpool } from '../held-spool';
import { ownVersion } from '../own-version';
import type { PodHost } from './pod-nodes';

export interface PodAgentsOptions {
  readonly config: Config;
  readonly store: Store;
  readonly code: CodeStore;
  readonly checkpoints: CheckpointStore;
  /** The driver that runs pods on a node. */
  readonly driverOn: (host: PodHost, stateDir: string) => SandboxDriver;
  readonly log: Logger;
  /** Where their spans go; absent: nowhere. */
  readonly tracer?: Tracer | undefined;
}

interface PodAgent {
  readonly host: PodHost;
  readonly agent: NodeAgent;
  readonly server: AgentServer;
  readonly beat: () => NodeHeartbeat;
  /** Null while its node is not heard: then nobody is to hear the agent either. */
  heartbeat: NodeHeartbeat | null;
}

const DRAIN_MS = 30_000;
const CLOSE_MS = 500;

/** One agent for each node that runs pods, all in this process. They come and go with their nodes, one change after the other. */
export class PodAgents {
  readonly #agents = new Map<string, PodAgent>();
  /** Each node keeps its own as long as this process lives: gateways take one that is reached elsewhere for another. */
  readonly #ports = new Map<string, number>();
  #wanted: readonly PodHost[] = [];
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(private readonly options: PodAgentsOptions) {}

  /** Code that pods of any node run from. */
  codeInUse(): ReadonlySet<string> {
    return new Set([...this.#agents.values()].flatMap(({ agent }) => [...agent.codeInUse()]));
  }

  /** These are the nodes from now on. */
  follow(hosts: readonly PodHost[]): void {
    this.#wanted = hosts;
    this.#working = this.#working
      .then(() => this.#compare())
      .catch((error: unknown) => {
        this.options.log.error({ event: 'pod-agents.failed', err: error }, 'the nodes could not be followed');
      });
  }

  /** The pods run on: the next process takes them over. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    await Promise.all([...this.#agents.values()].map((one) => this.#end(one, false)));
  }

  async #compare(): Promise<void> {
    if (this.#closed) return;
    const wanted = new Map(this.#wanted.map((host) => [host.name, host]));
    for (const one of [...this.#agents.values()]) {
      const host = wanted.get(one.host.name);
      if (!host) await this.#leave(one);
      // What a node is goes into new pods and into its registration; those that run are taken over as they are.
      else if (!alike(host, one.host)) await this.#end(one, false);
    }
    await Promise.all(
      [...wanted.values()].filter(({ name }) => !this.#agents.has(name)).map((host) => this.#come(host)),
    );
    for (const [name, one] of this.#agents) await this.#beat(one, wanted.get(name)?.ready ?? false);
  }

  async #come(host: PodHost): Promise<void> {
    const { config, store, code, checkpoints, driverOn, log } = this.options;
    const { name, tier, region, capacity } = host;
    if (!capacity) return;
    const address = addressOf(config, name, this.#portOf(name));
    const stateDir = path.join(config.dataDir, 'pod-nodes', name);
    const openedAt = Date.now();
    const prices = priceTableOf(config.cost);
    try {
      const agent = await NodeAgent.open({
        node: { name, tier },
        driver: driverOn(host, stateDir),
        code,
        checkpoints: shared(checkpoints),
        sink: { ...store, ...pricedSink(store, prices) },
        log: log.child({ node: name }),
        stateDir,
        version: ownVersion().version,
        memoryBytes: capacity.memoryBytes,
        cores: Math.max(1, Math.round(capacity.cpuMillis / 1000)),
        lingerMs: config.agent.linger,
        parallelRestores: config.kubernetes.pods.parallelStarts,
        parallelColdStarts: config.kubernetes.pods.parallelStarts,
        blanks: 0,
        waitSecondPrice: config.warming.prices.waitSecond,
        warmth: warmthPricing(prices, tier),
        heldSpool: heldSpool(path.join(stateDir, 'held'), log),
      });
      const traces = this.options.tracer && new AgentTraces(this.options.tracer, name);
      const server = await serveAgent(address, agent, log, config.agent.tls, traces);
      const beat = { name, tier, region, address, labels: host.labels, capacity, incarnation: randomUUID() };
      const one: PodAgent = {
        host,
        agent,
        server,
        heartbeat: null,
        beat: () =>
          new NodeHeartbeat({
            beat,
            store,
            follow: (intent) => agent.follow(intent),
            event: (event) => void store.writeEvents([event]).catch(() => undefined),
            log,
          }),
      };
      this.#agents.set(name, one);
      void reconcileInstances(agent, store, name, openedAt, log);
      log.info({ event: 'pod-agents.node', node: name, tier, address }, 'a node runs functions as pods');
    } catch (error) {
      log.error({ event: 'pod-agents.node-failed', node: name, err: error }, 'a node cannot be served; its next change tries again'); // prettier-ignore
    }
  }

  async #beat(one: PodAgent, ready: boolean): Promise<void> {
    const { name } = one.host;
    if (ready) one.heartbeat ??= one.beat();
    else if (one.heartbeat) {
      const { heartbeat } = one;
      one.heartbeat = null;
      await heartbeat.stop();
      this.options.log.warn({ event: 'pod-agents.not-ready', node: name }, 'a node is not ready: it falls silent');
    }
  }

  async #leave(one: PodAgent): Promise<void> {
    const { name } = one.host;
    this.options.log.info({ event: 'pod-agents.node-gone', node: name }, 'a node runs functions as pods no more');
    await one.agent.drain({ deadlineMs: DRAIN_MS }, 'stopped');
    await this.#end(one, true);
    this.#ports.delete(name);
  }

  async #end({ host, server, heartbeat, agent }: PodAgent, destroyAll: boolean): Promise<void> {
    this.#agents.delete(host.name);
    await server.close(CLOSE_MS);
    await heartbeat?.stop();
    await agent.close({ destroyAll });
  }

  #portOf(node: string): number {
    const used = new Set(this.#ports.values());
    let port = this.#ports.get(node) ?? this.options.config.kubernetes.pods.agents.firstPort;
    if (!this.#ports.has(node)) while (used.has(port)) port += 1;
    this.#ports.set(node, port);
    return port;
  }
}

/** Where gateways and control workers reach the agent of a node. */
function addressOf({ kubernetes, runDir }: Config, node: string, port: number): string {
  const { host } = kubernetes.pods.agents;
  return host === undefined ? `unix:${path.join(runDir, `agent-${node}.sock`)}` : `${host}:${port}`;
}

function alike(one: PodHost, other: PodHost): boolean {
  const said = ({ tier, region, tolerations }: PodHost): string => JSON.stringify([tier, region, tolerations]);
  return said(one) === said(other);
}

/** The agents share one store: what closes it is the process. */
function shared(store: CheckpointStore): CheckpointStore {
  return {
    rawDir: (id) => store.rawDir(id),
    makeRoom: (bytes) => store.makeRoom(bytes),
    seal: (id, meta) => store.seal(id, meta),
    load: (id, meta, digest) => store.load(id, meta, digest),
    pin: (id) => store.pin(id),
    drop: (id) => store.drop(id),
    loaded: () => store.loaded(),
    close: () => Promise.resolve(),
  };
}
