import { REMOVAL_REASONS, type RemovalReason } from '../core/agent/instance-state';
import { isPlatformError, PlatformError } from '../core/error/platform-error';
import type { Endpoint } from '../drivers/sandbox/sandbox';
import type { InstanceRecord } from '../drivers/store/store';
import type { NodeIntent } from '../core/node/node-state';
import { awaitEnd } from './await-end';
import { checkInstance } from './instance/check-instance';
import type { Instance } from './instance/instance';
import type { GatewayStream } from './lease/gateway-links';
import type { Grant } from './pool/start-ledger';
import { NodeDrain } from './node-drain';
import { composeNode, type NodeAgentOptions, type NodeParts } from './node-parts';
import { nodeStats } from './node-stats';
import { wayTo } from './relay/way-to';
import type {
  AcquireReply,
  AcquireRequest,
  AgentMessage,
  CheckpointRef,
  DropCheckpointRequest,
  CheckpointReply,
  CheckpointRequest,
  DrainRequest,
  EndedReply,
  PublishRequest,
  ReleaseTemplateRequest,
  RetireRequest,
  SealReply,
  SetTargetsReply,
  SetTargetsRequest,
  StartTemplateReply,
  StartTemplateRequest,
  StatsReply,
  VerifyReply,
} from './rpc/agent-messages';
import { RunSpecCache } from './run-spec-cache';

/** The agent of one node, without its transport: one method for each RPC. All failures are PlatformErrors. */
export class NodeAgent {
  readonly #options: NodeAgentOptions;
  readonly #parts: NodeParts;
  readonly #drain: NodeDrain;
  readonly #specs = new RunSpecCache();
  #recovered: ReadonlySet<string> = new Set();

  private constructor(options: NodeAgentOptions, can: Parameters<typeof composeNode>[1]) {
    this.#options = options;
    this.#parts = composeNode(options, can, (instance, reason) => void this.#fault(instance, reason));
    this.#drain = new NodeDrain(this.#parts);
  }

  /** Opens the driver, takes over what an earlier agent left, and is ready for calls. */
  static async open(options: NodeAgentOptions): Promise<NodeAgent> {
    const capabilities = await options.driver.capabilities();
    const agent = new NodeAgent(options, {
      freeze: capabilities.pause,
      checkpoint: capabilities.checkpoint && capabilities.restore,
      blanks: capabilities.blanks,
    });
    await options.driver.open(agent.#parts.life);
    await Promise.all([agent.#parts.catalog.open(), agent.#parts.revisions.open(), agent.#parts.hostKeys.open()]);
    await agent.#recover();
    agent.#parts.blanks.open();
    return agent;
  }

  async acquire(gatewayId: string, request: AcquireRequest, signal: AbortSignal): Promise<AcquireReply> {
    const grant = request.instanceId
      ? await this.#wake(gatewayId, request.instanceId)
      : await this.#acquireAny(gatewayId, request, signal);
    const { instance, kind, cause, queueMs, sandboxMs, readyMs } = grant;
    instance.traceparent = request.traceparent || null;
    return {
      instanceId: instance.id,
      endpoint: wayTo(instance, this.#parts.links.isNear(gatewayId), this.#options.relay?.address),
      kind,
      cause,
      queueMs,
      sandboxMs,
      readyMs,
      lingerMs: this.#options.lingerMs,
      checkpointId: kind === 'restore' ? instance.checkpointId : null,
      blank: kind === 'cold' && instance.blank,
      mayPark: this.#parts.canFreeze,
    };
  }

  /**
   * Where the relay passes a gateway's connection on to.
   * @throws PlatformError not_found; forbidden for an instance that the gateway has not leased
   */
  relayed(gatewayId: string, instanceId: string): Endpoint {
    const instance = this.#parts.life.instances.get(instanceId);
    if (!instance?.endpoint || instance.ended) throw new PlatformError('not_found', 'There is no such instance');
    if (this.#parts.links.holds(gatewayId, instance)) return instance.endpoint;
    throw new PlatformError('forbidden', 'The instance is not leased to this gateway');
  }

  /** The gateway did not get the answer to its Acquire: the lease never began. */
  undelivered(gatewayId: string, instanceId: string): void {
    const instance = this.#parts.life.instances.get(instanceId);
    if (instance?.lease?.gatewayId === gatewayId) this.#parts.links.takeBack(instance);
  }

  endpoints(send: (message: AgentMessage) => void): GatewayStream {
    return this.#parts.links.open(send);
  }

  setTargets(request: SetTargetsRequest): SetTargetsReply {
    this.#drain.refuseNew();
    const now = Date.now();
    const pools = request.targets.map(({ runSpecJson, steps, keepAliveMs, expectedRate, uses }) =>
      this.#parts.pools.setTarget(this.#specs.parse(runSpecJson), {
        steps: steps.map(({ afterMs, running, frozen }) => ({ at: now + afterMs, running, frozen })),
        keepAliveMs,
        expectedRate,
        uses,
        validUntil: now + request.validMs,
        migration: request.migration ?? false,
      }),
    );
    return { accepted: pools.length, capped: pools.filter(({ capped }) => capped).map(({ run }) => run.revisionId) };
  }

  async startTemplate(request: StartTemplateRequest): Promise<StartTemplateReply> {
    this.#drain.refuseNew();
    const { key, warmUp, deadlineMs, runSpecJson } = request;
    try {
      return await this.#parts.templates.start({ key, warmUp, deadlineMs, run: this.#specs.parse(runSpecJson) });
    } catch (error) {
      throw withLines(error);
    }
  }

  checkpoint(request: CheckpointRequest): Promise<CheckpointReply> {
    return this.#parts.checkpointer.checkpoint(
      request.checkpointId,
      request.instanceId,
      this.#specs.parse(request.runSpecJson),
    );
  }

  seal(request: CheckpointRef): Promise<SealReply> {
    return this.#parts.checkpointer.seal(request.checkpointId, this.#specs.parse(request.runSpecJson));
  }

  verify(request: CheckpointRef): Promise<VerifyReply> {
    return this.#parts.checkpointer.verify(
      request.checkpointId,
      this.#specs.parse(request.runSpecJson),
      request.digest,
    );
  }

  publish(request: PublishRequest): Promise<void> {
    const { checkpointId, runSpecJson, digest, hostKey } = request;
    return this.#parts.checkpointer.publish(checkpointId, this.#specs.parse(runSpecJson), digest, hostKey);
  }

  dropCheckpoint(request: DropCheckpointRequest): Promise<void> {
    return this.#parts.checkpointer.drop(request.checkpointId, request.everywhere);
  }

  releaseTemplate(request: ReleaseTemplateRequest): Promise<void> {
    const { instanceId, keep, key } = request;
    return key ? this.#parts.templates.giveUp(key) : this.#parts.templates.release(instanceId, keep);
  }

  async retire(request: RetireRequest): Promise<EndedReply> {
    const pool = this.#parts.pools.find(request.revisionId);
    if (!pool) return { ended: 0, left: 0 };
    const instances = [...pool.instances];
    this.#parts.pools.retire(pool, removalReason(request.reason));
    return awaitEnd(instances, request.deadlineMs);
  }

  /** No new starts from now on. @param reason `drain` when the node goes on without instances, `stopped` when it stops with them */
  drain(request: DrainRequest, reason: 'drain' | 'stopped' = 'drain'): Promise<EndedReply> {
    return this.#drain.begin(request, reason);
  }

  /** What was decided for the node, by the store. */
  follow(intent: NodeIntent): void {
    this.#drain.follow(intent);
  }

  stats(): Promise<StatsReply> {
    const { node, driver, checkpoints, version = '', stateDir } = this.#options;
    return nodeStats({
      version,
      stateDir,
      node,
      driver,
      memory: this.#parts.memory,
      instances: [...this.#parts.life.instances.values()],
      pools: [...this.#parts.pools.all()],
      catalog: this.#parts.catalog.all(),
      loaded: checkpoints.loaded(),
      startsTotal: this.#parts.pools.ledger.granted,
      failuresTotal: this.#parts.journal.failures,
      hostKeys: this.#parts.hostKeys.all(),
      draining: this.#drain.draining,
      heldGbSeconds: this.#parts.meter.heldGbSeconds,
      pingsTotal: this.#parts.keeper.pings,
      blanks: this.#parts.blanks.count,
    });
  }

  /** Code that instances run from, or will after a restore: not to be cleared away. */
  codeInUse(): ReadonlySet<string> {
    const { life, pools, catalog } = this.#parts;
    return new Set([
      ...[...life.instances.values()].map(({ run }) => run.codeDigest),
      ...[...pools.all()].map(({ run }) => run.codeDigest),
      ...catalog.all().map(({ codeDigest }) => codeDigest),
    ]);
  }

  /** Rows of instances that the store believes alive: those that did not survive are closed, the others keep their kind and age. */
  reconcile(rows: readonly InstanceRecord[], openedAt: number): void {
    for (const row of rows) {
      const instance = this.#parts.life.instances.get(row.id);
      if (instance && this.#recovered.has(row.id)) {
        instance.kind = row.kind === 'restore' ? 'restore' : 'cold';
        instance.startedAt = row.startedAt.getTime();
      } else if (!instance && !this.#recovered.has(row.id) && row.startedAt.getTime() < openedAt)
        this.#parts.journal.lost(row);
    }
  }

  /** @param destroyAll false leaves the instances to the next agent */
  async close(options: { destroyAll: boolean }): Promise<void> {
    this.#drain.stop();
    this.#parts.pools.stop();
    await Promise.all([this.#parts.keeper.stop(), this.#parts.watch.stop()]);
    this.#parts.links.stop();
    await this.#parts.blanks.close();
    if (options.destroyAll) await this.#parts.life.endAll('stopped');
    await this.#options.driver.close(options);
    await this.#parts.held.close();
    this.#parts.journal.node('stopped', { destroyAll: options.destroyAll });
    await Promise.all([this.#parts.catalog.flush(), this.#parts.revisions.flush(), this.#parts.records.close()]);
    await this.#options.checkpoints.close();
  }

  async #recover(): Promise<void> {
    const found = await this.#options.driver.recover();
    const instances = found.map((sandbox) => this.#parts.life.adopt(sandbox));
    this.#recovered = new Set(instances.map(({ id }) => id));
    for (const instance of instances) {
      if (instance.lease) this.#parts.links.leased(instance);
      this.#parts.pools.join(instance);
    }
    const { node, driver } = this.#options;
    this.#parts.journal.node('started', { driver: driver.name, tier: node.tier, recovered: instances.length });
  }

  #acquireAny(gatewayId: string, request: AcquireRequest, signal: AbortSignal): Promise<Grant> {
    this.#drain.refuseNew();
    const run = this.#specs.parse(request.runSpecJson);
    return this.#parts.pools.acquire(run, { gatewayId, deadlineMs: request.deadlineMs, signal });
  }

  async #wake(gatewayId: string, instanceId: string): Promise<Grant> {
    const { life, links, pools } = this.#parts;
    const instance = life.instances.get(instanceId);
    // A request may have reached one that is freezing: it goes on with it when it is woken.
    if (instance?.state === 'freezing' || instance?.state === 'starting') await instance.step;
    if (instance && links.mayWake(gatewayId, instance)) return pools.wake(instance, gatewayId);
    // That it has ended was decided in this turn, and says more: it goes out first.
    await new Promise(setImmediate);
    throw new PlatformError('not_found', `Instance ${instanceId} is not to be had any more`);
  }

  /** A gateway could not use it: dead ones end now, others when what is in flight elsewhere on them is done. */
  async #fault(instance: Instance, reason: string): Promise<void> {
    this.#options.log.warn(
      { instanceId: instance.id, function: instance.run.function, reason },
      'a gateway reports a fault',
    );
    if (instance.ended) return;
    instance.endReason = 'crashed';
    if (await checkInstance(instance)) this.#parts.links.withdraw(instance, 'fault');
    else await this.#parts.life.end(instance, 'crashed');
  }
}

function removalReason(text: string): RemovalReason {
  return REMOVAL_REASONS.find((reason) => reason === text) ?? 'deploy';
}

/** A deploy's author sees the function's own last lines; callers of the function do not. */
function withLines(error: unknown): unknown {
  if (!isPlatformError(error) || error.problems.length === 0) return error;
  const lines = error.problems.map(({ message }) => message).join('\n');
  return new PlatformError(error.code, `${error.message}. Its last lines:\n${lines}`, { cause: error });
}
