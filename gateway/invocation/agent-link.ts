import type { AgentClient } from '../../agent/rpc/agent-client';
import type { AcquireReply, CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import type { EndpointStream } from '../../agent/rpc/endpoint-stream';
import type { Tier } from '../../core/function/manifest';
import { KeptConnections } from './kept-connections';
import { Lease, type LeaseEnd, type LeaseHolder } from './lease';
import type { Grant } from './lease-pool';
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

/** One agent as this gateway sees it: the leases it gave, and the stream on which both say what becomes of them. */
export class AgentLink implements LeaseHolder {
  readonly name: string;
  readonly #leases = new Map<string, Lease>();
  readonly #stream: EndpointStream;
  readonly #keptFaults = new Map<string, string>();
  readonly #connections = new KeptConnections();

  constructor(private readonly options: AgentLinkOptions) {
    this.name = options.node.name;
    this.#stream = options.agent.endpoints(options.gatewayId, {
      // A fault counts only from who holds the instance.
      heldInstanceIds: () => [...this.#leases.keys(), ...this.#keptFaults.keys()],
      welcome: ({ unknownInstanceIds }) => {
        for (const id of unknownInstanceIds) this.#leases.get(id)?.end({ kind: 'gone' });
        for (const [id, reason] of this.#keptFaults) this.#stream.fault(id, reason);
        this.#keptFaults.clear();
      },
      // Of one that is not held any more the agent hears, or has heard, by what ended the lease: an answer on top of it
      // could be taken for the end of the next one.
      withdraw: ({ instanceId }) => this.#leases.get(instanceId)?.end({ kind: 'withdrawn' }),
      gone: ({ instanceId }) => this.#leases.get(instanceId)?.end({ kind: 'gone' }),
      checkpointDue: (message) => options.checkpointDue?.(message),
      disconnected: (error) => {
        // What has become of the instances behind them will not be told.
        this.#connections.dropAll();
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
  ): Promise<Grant> {
    const { deadlineMs, invocationId, signal } = request;
    const { runSpecJson } = wanted;
    const accept = (reply: AcquireReply): Grant => ({ lease: this.#lease(reply, wanted), start: reply });
    return this.#stream.acquire({ runSpecJson, deadlineMs, invocationId }, accept, signal);
  }

  #lease(reply: AcquireReply, { concurrency, keepsConnections }: InstanceWish): Lease {
    const { instanceId } = reply;
    this.#leases.get(instanceId)?.end({ kind: 'gone' });
    const connections = this.#connections.take(reply, keepsConnections);
    const lease = new Lease(this, reply, concurrency, connections, keepsConnections);
    this.#leases.set(instanceId, lease);
    return lease;
  }

  ended(lease: Lease, end: LeaseEnd): void {
    const { instanceId } = lease;
    if (this.#leases.get(instanceId) !== lease) return;
    this.#leases.delete(instanceId);
    if (end.kind === 'release') {
      if (lease.keepsConnections) {
        if (this.#stream.connected) this.#connections.keep(lease, lease.connections);
        else void lease.connections.destroy();
      }
      this.#stream.release({ instanceId, idleMs: end.idleMs, served: lease.served });
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
    this.#connections.dropAll();
    this.#stream.close();
  }
}
