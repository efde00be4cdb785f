import type { AgentClient } from '../../agent/rpc/agent-client';
import type { AcquireReply, CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import type { EndpointStream } from '../../agent/rpc/endpoint-stream';
import type { Tier } from '../../core/function/manifest';
import { toPlatformError } from '../../core/error/platform-error';
import { UpstreamPool } from '../upstream/upstream-pool';
import { Lease, type Grant, type LeaseEnd, type LeaseHolder, type StartFacts } from './lease';
import type { RouteLog } from './route-table';

/** What the link needs of an agent's client. */
export type LeaseAgent = Pick<AgentClient, 'endpoints'>;

/** What is asked for. */
export interface InstanceWish {
  readonly runSpecJson: string;
  /** Requests that one instance serves at once. */
  readonly concurrency: number;
  /** Connections may stay open while the instance sleeps: it never closes an idle one of its own accord. */
  readonly keepsConnections: boolean;
}

export interface AgentLinkOptions {
  readonly gatewayId: string;
  readonly node: { readonly name: string; readonly tier: Tier };
  readonly agent: LeaseAgent;
  readonly log: RouteLog;
  readonly checkpointDue?: (message: CheckpointDueMessage) => void;
}

/** Faults kept while the agent is away; more would mean that the whole node is gone. */
const MAX_KEPT_FAULTS = 1_000;
/** Beyond as many leases an idle one is given back instead of parked: each keeps a connection. */
const MAX_LEASES_TO_PARK = 1_000;
/** As long as an instance may sleep. The runtime shims never close an idle connection of their own accord. */
const KEPT_IDLE_MS = 3_600_000;

/** One agent as this gateway sees it: the leases it gave, and the stream on which both say what becomes of them. */
export class AgentLink implements LeaseHolder {
  readonly name: string;
  readonly #leases = new Map<string, Lease>();
  readonly #stream: EndpointStream;
  readonly #keptFaults = new Map<string, string>();
  /** Starts that the node makes at once, and cores that its instances share. */
  parallelStarts = 1;
  cores = 1;
  /** Cold starts, of those granted to this gateway, that a runtime booted ahead has shortened. */
  blankStarts = 0;

  constructor(private readonly options: AgentLinkOptions) {
    this.name = options.node.name;
    this.#stream = options.agent.endpoints(options.gatewayId, {
      // A fault counts only from who holds the instance.
      heldInstanceIds: () => [...this.#ids(false), ...this.#keptFaults.keys()],
      parkedIds: () => this.#ids(true),
      welcome: ({ unknownInstanceIds, parallelStarts, cores }) => {
        this.parallelStarts = parallelStarts;
        this.cores = cores;
        for (const id of unknownInstanceIds) this.#leases.get(id)?.end({ kind: 'gone', unread: false });
        for (const [id, reason] of this.#keptFaults) this.#stream.fault(id, reason);
        this.#keptFaults.clear();
      },
      // Of one that is not held any more the agent hears, or has heard, by what ended the lease: an answer on top of it
      // could be taken for the end of the next one.
      withdraw: ({ instanceId }) => this.#leases.get(instanceId)?.end({ kind: 'withdrawn' }),
      gone: ({ instanceId, asleep }) => {
        const lease = this.#leases.get(instanceId);
        lease?.end({ kind: 'gone', unread: asleep && lease.asleep });
      },
      asleep: (instanceId) => {
        const lease = this.#leases.get(instanceId);
        if (lease?.parked) lease.asleep = true;
      },
      checkpointDue: (message) => options.checkpointDue?.(message),
      disconnected: (error) => {
        // What becomes of the instances meanwhile is not told.
        for (const lease of this.#leases.values()) lease.asleep = false;
        options.log.warn({ node: this.name, err: error, leases: this.#leases.size }, 'The stream to an agent broke');
      },
    });
  }

  get node(): string {
    return this.name;
  }

  get connected(): boolean {
    return this.#stream.connected;
  }

  /** Leases held now. */
  get leases(): number {
    return this.#leases.size;
  }

  /** @throws PlatformError whatever the agent answers; unavailable when it is away until the deadline */
  acquire(
    wanted: InstanceWish,
    request: { deadlineMs: number; invocationId: string; signal: AbortSignal },
  ): Promise<Grant<StartFacts>> {
    const { deadlineMs, invocationId, signal } = request;
    const { runSpecJson } = wanted;
    const accept = (reply: AcquireReply): Grant<StartFacts> => ({ lease: this.#lease(reply, wanted), start: reply });
    return this.#stream.acquire({ runSpecJson, deadlineMs, invocationId }, accept, signal);
  }

  parked({ instanceId, served }: Lease, idleMs: number): void {
    this.#stream.release({ instanceId, idleMs, served, parked: true });
  }

  async wake(lease: Lease, request: { deadlineMs: number; invocationId: string }): Promise<StartFacts> {
    const { instanceId } = lease;
    try {
      return await this.#stream.acquire({ ...request, runSpecJson: '', instanceId }, (reply) => reply);
    } catch (error) {
      const { code, message } = toPlatformError(error);
      // Without an answer nobody knows whether it runs.
      lease.end(code === 'unavailable' ? { kind: 'fault', reason: message } : { kind: 'gone', unread: false });
      throw error;
    }
  }

  #lease(reply: AcquireReply, { concurrency, keepsConnections }: InstanceWish): Lease {
    const { instanceId, endpoint } = reply;
    if (reply.blank) this.blankStarts += 1;
    this.#leases.get(instanceId)?.end({ kind: 'gone', unread: false });
    const connections = new UpstreamPool(endpoint, keepsConnections ? KEPT_IDLE_MS : undefined);
    const mayPark = keepsConnections && reply.mayPark && this.#leases.size < MAX_LEASES_TO_PARK;
    const lease = new Lease(this, reply, concurrency, connections, mayPark);
    this.#leases.set(instanceId, lease);
    return lease;
  }

  /** Of the leases that are in use, or of those that sleep or are being woken. */
  #ids(parked: boolean): string[] {
    const ids: string[] = [];
    for (const [id, lease] of this.#leases) if ((lease.parked || lease.waking !== undefined) === parked) ids.push(id);
    return ids;
  }

  ended(lease: Lease, end: LeaseEnd): void {
    const { instanceId } = lease;
    if (this.#leases.get(instanceId) !== lease) return;
    this.#leases.delete(instanceId);
    if (end.kind === 'release') {
      this.#stream.release({ instanceId, idleMs: end.idleMs, served: lease.served, parked: false });
    } else if (end.kind === 'withdrawn') {
      this.#stream.withdrawn(instanceId);
    } else if (end.kind === 'fault') {
      this.options.log.warn({ node: this.name, instanceId, reason: end.reason }, 'An instance is given up');
      if (this.#stream.connected) this.#stream.fault(instanceId, end.reason);
      else if (this.#keptFaults.size < MAX_KEPT_FAULTS) this.#keptFaults.set(instanceId, end.reason);
    }
  }

  /** Closes the stream; what is still leased is told to the agent by its silence. */
  close(): void {
    this.#stream.close();
  }
}
