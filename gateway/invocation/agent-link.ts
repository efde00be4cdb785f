import { Socket } from 'node:net';
import type { AgentClient } from '../../agent/rpc/agent-client';
import type { AcquireReply, CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import type { EndpointStream } from '../../agent/rpc/endpoint-stream';
import type { InstanceWay } from '../../agent/rpc/instance-way';
import { pricingText } from '../../core/cost/pricing';
import type { Place } from '../../core/network/latency-matrix';
import type { ClusterNode } from '../../drivers/cluster/cluster';
import { toPlatformError } from '../../core/error/platform-error';
import type { Endpoint } from '../../drivers/sandbox/sandbox';
import type { RelayDialer } from '../upstream/relay-dialer';
import type { Dial } from '../upstream/upstream-connection';
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
  /** Latency that its function's `sla` promises, in milliseconds; null: none. */
  readonly slaMs: number | null;
}

/** What is known of the node behind a link. */
export type LinkedNode = Pick<ClusterNode, 'name' | 'tier' | 'region' | 'state'> & Partial<Pick<ClusterNode, 'labels'>>;

export interface AgentLinkOptions {
  readonly gatewayId: string;
  readonly node: LinkedNode;
  readonly agent: LeaseAgent;
  readonly log: RouteLog;
  /** The way to instances that only their agent reaches; without it there is none. */
  readonly relay?: RelayDialer | undefined;
  readonly checkpointDue?: (message: CheckpointDueMessage) => void;
  /** The id of the price table by which calls are priced; absent: none is. */
  readonly priceTable?: string;
  /** `traceparent` of an invocation whose trace is kept. */
  readonly traceparentOf?: ((invocationId: string) => string | undefined) | undefined;
}

/** Faults kept while the agent is away; more would mean that the whole node is gone. */
const MAX_KEPT_FAULTS = 1_000;
/** Beyond as many leases an idle one is given back instead of parked: each keeps a connection. */
const MAX_LEASES_TO_PARK = 1_000;
/** A relay that did not answer is left alone for so long: other nodes are asked meanwhile. */
const NO_WAY_MS = 10_000;
/** As long as an instance may sleep. The runtime shims never close an idle connection of their own accord. */
const KEPT_IDLE_MS = 3_600_000;

/** One agent as this gateway sees it: the leases it gave, and the stream on which both say what becomes of them. */
export class AgentLink implements LeaseHolder {
  readonly name: string;
  /** Called when its stream broke, after its leases have heard of it. */
  onAway: (() => void) | undefined;
  readonly #leases = new Map<string, Lease>();
  readonly #stream: EndpointStream;
  readonly #keptFaults = new Map<string, string>();
  /** Milliseconds of `performance.now()`. */
  #noWayUntil = 0;
  /** Of the node. */
  readonly place: Place;
  /** What was last told of it. */
  standing: LinkedNode;
  /** Starts that the node makes at once, and cores that its instances share. */
  parallelStarts = 1;
  cores = 1;
  /** Cold starts, of those granted to this gateway, that a runtime booted ahead has shortened. */
  blankStarts = 0;

  constructor(private readonly options: AgentLinkOptions) {
    this.name = options.node.name;
    this.standing = options.node;
    this.place = { region: options.node.region, node: this.name };
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
        for (const lease of this.#leases.values()) lease.unheard();
        // The way to them has gone with their agent.
        this.#leaveRelay();
        options.log.warn({ node: this.name, err: error, leases: this.#leases.size }, 'The stream to an agent broke');
        this.onAway?.();
      },
    });
  }

  get node(): string {
    return this.name;
  }

  /** Its agent can be told, and its instances be reached. */
  get connected(): boolean {
    return this.#stream.connected && performance.now() >= this.#noWayUntil;
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
    const asked = { runSpecJson, deadlineMs, invocationId, ...this.#traced(invocationId) };
    return this.#stream.acquire(asked, accept, signal);
  }

  parked({ instanceId, served }: Lease, idleMs: number): void {
    this.#stream.release({ instanceId, idleMs, served, parked: true });
  }

  async wake(lease: Lease, request: { deadlineMs: number; invocationId: string }): Promise<StartFacts> {
    const { instanceId } = lease;
    try {
      const asked = { ...request, runSpecJson: '', instanceId, ...this.#traced(request.invocationId) };
      return await this.#stream.acquire(asked, (reply) => reply);
    } catch (error) {
      const { code, message } = toPlatformError(error);
      // Without an answer nobody knows whether it runs.
      lease.end(code === 'unavailable' ? { kind: 'fault', reason: message } : { kind: 'gone', unread: false });
      throw error;
    }
  }

  #traced(invocationId: string): { readonly traceparent?: string } {
    const traceparent = this.options.traceparentOf?.(invocationId);
    return traceparent === undefined ? {} : { traceparent };
  }

  #lease(reply: AcquireReply, { concurrency, keepsConnections, slaMs }: InstanceWish): Lease {
    const { instanceId, endpoint } = reply;
    if (reply.blank) this.blankStarts += 1;
    this.#leases.get(instanceId)?.end({ kind: 'gone', unread: false });
    const connections = new UpstreamPool(
      this.#target(endpoint, instanceId),
      keepsConnections ? KEPT_IDLE_MS : undefined,
    );
    const mayPark = keepsConnections && reply.mayPark && this.#leases.size < MAX_LEASES_TO_PARK;
    const { priceTable: table } = this.options;
    const { tier } = this.standing;
    const pricing = table === undefined ? null : pricingText({ table, tier, region: this.place.region, slaMs });
    const lease = new Lease(this, reply, concurrency, connections, mayPark, pricing);
    this.#leases.set(instanceId, lease);
    return lease;
  }

  #target(way: InstanceWay, instanceId: string): Endpoint | Dial {
    if (way.kind !== 'relay') return way;
    const { relay, node } = this.options;
    const noWay = new Error(`node ${node.name} is reached by its relay, for which there is no certificate`);
    return relay?.(way, instanceId, this.#noWay) ?? (() => new Socket().destroy(noWay));
  }

  readonly #noWay = (error: Error): void => {
    const { node, log } = this.options;
    if (performance.now() >= this.#noWayUntil) {
      log.warn({ node: node.name, err: error }, 'The relay of a node does not answer; others are asked');
    }
    this.#noWayUntil = performance.now() + NO_WAY_MS;
    this.#leaveRelay();
    this.onAway?.();
  };

  /** Sends nothing more by the relay; what still moves on it goes on to its end. */
  #leaveRelay(): void {
    for (const lease of this.#leases.values()) if (lease.endpoint.kind === 'relay') lease.end({ kind: 'withdrawn' });
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

  /** The node is no node of the platform any more, or is reached elsewhere: what it has leased is not to be had here. */
  forget(): void {
    this.close();
    for (const lease of this.#leases.values()) lease.end({ kind: 'gone', unread: false });
  }
}
