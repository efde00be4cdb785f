import type { AgentMessage, CheckpointDueMessage, GatewayMessage } from '../rpc/agent-messages';
import type { Instance } from '../instance/instance';

export interface GatewayLinksOptions {
  readonly node: string;
  readonly tier: string;
  readonly instances: ReadonlyMap<string, Instance>;
  /** How long the leases of a gateway that is away are kept, in milliseconds. */
  readonly graceMs: number;
  readonly giveBack: (instance: Instance, use: { idleMs: number; served: number }) => void;
  readonly fault: (instance: Instance, reason: string) => void;
}

/** One open stream, as the RPC server hands it over. */
export interface GatewayStream {
  message(message: GatewayMessage): void;
  closed(): void;
}

interface Gateway {
  readonly id: string;
  send: ((message: AgentMessage) => void) | null;
  readonly leases: Set<Instance>;
  grace: NodeJS.Timeout | undefined;
}

/** A lease younger than this may be on its way to the gateway while a repeated Hello without it comes the other way. */
const SETTLED_MS = 15_000;

/** The gateways that lease instances, and their streams. */
export class GatewayLinks {
  readonly #options: GatewayLinksOptions;
  readonly #gateways = new Map<string, Gateway>();

  constructor(options: GatewayLinksOptions) {
    this.#options = options;
  }

  /** Notes the lease that the instance carries. */
  leased(instance: Instance): void {
    const gateway = this.#gateway(instance.lease?.gatewayId ?? UNKNOWN);
    gateway.leases.add(instance);
    if (!gateway.send) this.#startGrace(gateway);
  }

  /** The instance ends while it may be leased: its gateway is told. */
  ended(instance: Instance, reason: string): void {
    const gateway = this.#holder(instance);
    if (!gateway) return;
    gateway.leases.delete(instance);
    instance.lease = null;
    afterGrants(() => gateway.send?.({ gone: { instanceId: instance.id, reason } }));
  }

  /** Asks for the lease back. Where the gateway is away, the grace period ends it. */
  withdraw(instance: Instance, reason: string): void {
    const { lease } = instance;
    afterGrants(() => {
      if (lease && instance.lease === lease) {
        this.#holder(instance)?.send?.({ withdraw: { instanceId: instance.id, reason } });
      }
    });
  }

  /** Ends the lease without the gateway's word. */
  takeBack(instance: Instance): void {
    const gateway = this.#holder(instance);
    if (gateway) this.#takeBack(gateway, instance, { idleMs: 0, served: 0 });
  }

  /** Tells one gateway, the preferred one where it is connected. False when none is. */
  checkpointDue(message: CheckpointDueMessage, preferred: string | null): boolean {
    const connected = [...this.#gateways.values()].filter((gateway) => gateway.send);
    const gateway = connected.find(({ id }) => id === preferred) ?? connected[0];
    gateway?.send?.({ checkpointDue: message });
    return gateway !== undefined;
  }

  /** A new stream; it belongs to the gateway that its Hello names. */
  open(send: (message: AgentMessage) => void): GatewayStream {
    let gateway: Gateway | undefined;
    return {
      message: (message) => {
        if (message.hello) gateway = this.#hello(send, message.hello.gatewayId, message.hello.instanceIds);
        else if (gateway) this.#receive(gateway, message);
      },
      closed: () => {
        // A reconnected gateway has another stream by now.
        if (gateway?.send !== send) return;
        gateway.send = null;
        this.#startGrace(gateway);
      },
    };
  }

  stop(): void {
    for (const gateway of this.#gateways.values()) clearTimeout(gateway.grace);
  }

  #receive(gateway: Gateway, message: GatewayMessage): void {
    const { release, withdrawn, fault } = message;
    const id = release?.instanceId ?? withdrawn?.instanceId ?? fault?.instanceId ?? '';
    const instance = this.#options.instances.get(id);
    if (!instance || !gateway.leases.has(instance)) return;
    if (fault) this.#options.fault(instance, fault.reason);
    else this.#takeBack(gateway, instance, { idleMs: release?.idleMs ?? 0, served: release?.served ?? 0 });
  }

  #hello(send: (message: AgentMessage) => void, id: string, held: readonly string[]): Gateway {
    const gateway = this.#gateway(id);
    const first = gateway.send !== send;
    gateway.send = send;
    clearTimeout(gateway.grace);
    gateway.grace = undefined;
    const unknownInstanceIds = held.filter((instanceId) => !this.#reclaim(gateway, instanceId));
    // What was granted on an earlier stream and is not named now was lost with that stream.
    const settledBefore = first ? Number.POSITIVE_INFINITY : Date.now() - SETTLED_MS;
    for (const instance of [...gateway.leases]) {
      if (held.includes(instance.id) || (instance.lease?.since ?? 0) > settledBefore) continue;
      this.#takeBack(gateway, instance, { idleMs: 0, served: 0 });
    }
    send({ welcome: { node: this.#options.node, tier: this.#options.tier, unknownInstanceIds } });
    return gateway;
  }

  /** True when the gateway holds the instance, or does from now on: after a restart of the agent nobody else does. */
  #reclaim(gateway: Gateway, instanceId: string): boolean {
    const instance = this.#options.instances.get(instanceId);
    if (!instance || instance.ended || instance.role !== 'pool') return false;
    if (gateway.leases.has(instance)) return true;
    if (instance.lease ? instance.lease.gatewayId !== null : instance.state !== 'idle' || instance.claim) return false;
    this.#holder(instance)?.leases.delete(instance);
    instance.state = 'leased';
    instance.lease = { gatewayId: gateway.id, since: Date.now() };
    gateway.leases.add(instance);
    return true;
  }

  #takeBack(gateway: Gateway, instance: Instance, use: { idleMs: number; served: number }): void {
    gateway.leases.delete(instance);
    this.#options.giveBack(instance, use);
  }

  #startGrace(gateway: Gateway): void {
    gateway.grace ??= setTimeout(() => {
      gateway.grace = undefined;
      if (gateway.send) return;
      for (const instance of [...gateway.leases]) this.#takeBack(gateway, instance, { idleMs: 0, served: 0 });
      this.#gateways.delete(gateway.id);
    }, this.#options.graceMs).unref();
  }

  #holder(instance: Instance): Gateway | undefined {
    return instance.lease ? this.#gateways.get(instance.lease.gatewayId ?? UNKNOWN) : undefined;
  }

  #gateway(id: string): Gateway {
    let gateway = this.#gateways.get(id);
    if (!gateway) {
      gateway = { id, send: null, leases: new Set(), grace: undefined };
      this.#gateways.set(id, gateway);
    }
    return gateway;
  }
}

/** A grant decided in this turn of the event loop is written in it too: what follows must not overtake it on the stream. */
function afterGrants(send: () => void): void {
  setImmediate(send);
}

/** Holds what was leased before the agent restarted, until its gateway says so. */
const UNKNOWN = '';
