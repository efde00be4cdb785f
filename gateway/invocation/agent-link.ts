import type { AgentClient } from '../../agent/rpc/agent-client';
import type { AcquireReply, CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import type { EndpointStream } from '../../agent/rpc/endpoint-stream';
import { PlatformError } from '../../core/error/platform-error';
import type { Tier } from '../../core/function/manifest';
import { Lease, type LeaseEnd, type LeaseHolder } from './lease';
import type { Grant } from './lease-pool';
import type { RouteLog } from './route-table';

/** What the link needs of an agent's client. */
export type LeaseAgent = Pick<AgentClient, 'acquire' | 'endpoints'>;

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
  /** Instances taken back while their Acquire was still on its way to us, and the last Acquire asked for by then. */
  readonly #barred = new Map<string, number>();
  readonly #keptFaults = new Map<string, string>();
  #asked = 0;
  #acquiring = 0;

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
      withdraw: ({ instanceId }) => {
        const lease = this.#leases.get(instanceId);
        if (lease) lease.end({ kind: 'withdrawn' });
        else {
          this.#bar(instanceId);
          this.#stream.withdrawn(instanceId);
        }
      },
      gone: ({ instanceId }) => {
        const lease = this.#leases.get(instanceId);
        if (lease) lease.end({ kind: 'gone' });
        else this.#bar(instanceId);
      },
      checkpointDue: (message) => options.checkpointDue?.(message),
      disconnected: (error) =>
        options.log.warn({ node: this.name, err: error, leases: this.#leases.size }, 'The stream to an agent broke'),
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
  async acquire(
    runSpecJson: string,
    concurrency: number,
    request: { deadlineMs: number; invocationId: string; signal: AbortSignal },
  ): Promise<Grant> {
    const order = ++this.#asked;
    this.#acquiring++;
    try {
      const { deadlineMs, invocationId, signal } = request;
      const { agent, gatewayId } = this.options;
      const reply = await agent.acquire({ gatewayId, runSpecJson, deadlineMs, invocationId }, { signal });
      return { lease: this.#lease(reply, concurrency, order), start: reply };
    } finally {
      if (--this.#acquiring === 0) this.#barred.clear();
    }
  }

  #lease(reply: AcquireReply, concurrency: number, order: number): Lease {
    const { instanceId } = reply;
    if ((this.#barred.get(instanceId) ?? -1) >= order) {
      // Should the agent have leased it again meanwhile, this gives it back.
      this.#stream.release({ instanceId, idleMs: 0, served: 0 });
      throw new PlatformError('draining', `The instance was taken back on its way`, { retryAfterSeconds: 1 });
    }
    this.#leases.get(instanceId)?.end({ kind: 'gone' });
    const lease = new Lease(this, reply, concurrency);
    this.#leases.set(instanceId, lease);
    return lease;
  }

  #bar(instanceId: string): void {
    if (this.#acquiring > 0) this.#barred.set(instanceId, this.#asked);
  }

  ended(lease: Lease, end: LeaseEnd): void {
    const { instanceId } = lease;
    if (this.#leases.get(instanceId) !== lease) return;
    this.#leases.delete(instanceId);
    if (end.kind === 'release') {
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
    this.#stream.close();
  }
}
