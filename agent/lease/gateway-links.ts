import type { AgentMessage, CheckpointDueMessage, GatewayMessage, HelloMessage } from '../rpc/agent-messages';
import type { Instance } from '../instance/instance';
import { ParkedLeases } from './parked-leases';

export interface GatewayLinksOptions {
  readonly node: string;
  readonly tier: string;
  readonly parallelStarts: number;
  readonly cores: number;
  /** Where it runs: gateways there open what lies there. */
  readonly machine: string;
  readonly instances: ReadonlyMap<string, Instance>;
  /** How long the leases of a gateway that is away are kept, in milliseconds. */
  readonly graceMs: number;
  readonly giveBack: (instance: Instance, use: Use) => void;
  /** False: it stays leased, and is asked back. */
  readonly park: (instance: Instance, use: Use) => boolean;
  /** An instance that slept in a gateway's name is nobody's any more. */
  readonly unparked: (instance: Instance) => void;
  readonly fault: (instance: Instance, reason: string) => void;
}

/** What became of a lease: how long it was idle at its end, and the requests answered. */
interface Use {
  readonly idleMs: number;
  readonly served: number;
}

const UNUSED: Use = { idleMs: 0, served: 0 };

/** One open stream, as the RPC server hands it over. */
export interface GatewayStream {
  message(message: GatewayMessage): void;
  closed(): void;
}

interface Gateway {
  readonly id: string;
  send: ((message: AgentMessage) => void) | null;
  /** It is on this machine, and opens the instances' own sockets. */
  near: boolean;
  readonly leases: Set<Instance>;
  readonly parked: Set<Instance>;
  grace: NodeJS.Timeout | undefined;
}

/** A lease younger than this may be on its way to the gateway while a repeated Hello without it comes the other way. */
const SETTLED_MS = 15_000;

/** The gateways that lease instances, and their streams. */
export class GatewayLinks {
  readonly #options: GatewayLinksOptions;
  readonly #gateways = new Map<string, Gateway>();
  readonly #parked = new ParkedLeases<Gateway>(
    ({ send }, { id }) => afterGrants(() => send?.({ withdraw: { instanceId: id, reason: 'wanted' } })),
    (instance) => this.#options.unparked(instance),
  );

  constructor(options: GatewayLinksOptions) {
    this.#options = options;
  }

  /** Can the gateway open what lies on this machine? One that has not said where it is counts as near. */
  isNear(gatewayId: string): boolean {
    return this.#gateways.get(gatewayId)?.near ?? true;
  }

  /** May the gateway speak with the instance? One that was leased before a restart of this agent is anybody's who names it. */
  holds(gatewayId: string, instance: Instance): boolean {
    const { lease } = instance;
    if (lease) return lease.gatewayId === null || lease.gatewayId === gatewayId;
    return this.#parked.parkerOf(instance)?.id === gatewayId;
  }

  /** Notes the lease that the instance carries. */
  leased(instance: Instance): void {
    this.#parked.remove(instance);
    this.#gateways.get(UNKNOWN)?.leases.delete(instance);
    const gateway = this.#gateway(instance.lease?.gatewayId ?? UNKNOWN);
    gateway.leases.add(instance);
    if (!gateway.send) this.#startGrace(gateway);
  }

  /** The instance ends while it may be leased or parked: its gateway is told. */
  ended(instance: Instance, reason: string): void {
    const gateway = this.#holder(instance) ?? this.#parked.parkerOf(instance);
    if (!gateway) return;
    const { id: instanceId, asleep } = instance;
    gateway.leases.delete(instance);
    instance.lease = null;
    this.#parked.remove(instance);
    afterGrants(() => gateway.send?.({ gone: { instanceId, reason, asleep } }));
  }

  /** Asks for an instance that sleeps in a gateway's name. True: it is nobody's now. */
  recall(instance: Instance): Promise<boolean> {
    return this.#parked.recall(instance);
  }

  /** A parked instance is frozen now: its gateway may wake it and send to it in one. */
  asleep(instance: Instance): void {
    this.#parked.parkerOf(instance)?.send?.({ asleep: { instanceId: instance.id } });
  }

  /** May the gateway have this very instance, which it says it has parked? Where it may, it is woken next. */
  mayWake(gatewayId: string, instance: Instance): boolean {
    if (instance.ended || instance.role !== 'pool') return false;
    const parker = this.#parked.parkerOf(instance);
    if (parker) return parker.id === gatewayId;
    // After a restart of this agent the gateway knows better.
    if (instance.lease) return [UNKNOWN, gatewayId].includes(instance.lease.gatewayId ?? UNKNOWN);
    return !instance.claim && (instance.state === 'frozen' || instance.state === 'idle');
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
    if (gateway) this.#takeBack(gateway, instance, UNUSED);
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
        if (message.hello) gateway = this.#hello(send, message.hello);
        else if (gateway) this.#receive(gateway, message);
      },
      closed: () => {
        // A reconnected gateway has another stream by now.
        if (gateway?.send !== send) return;
        gateway.send = null;
        this.#parked.away(gateway);
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
    if (!instance) return;
    const { idleMs, served } = release ?? UNUSED;
    if (gateway.parked.has(instance) && !release?.parked) {
      this.#parked.free(instance);
      if (fault) this.#options.fault(instance, fault.reason);
    } else if (!gateway.leases.has(instance)) return;
    else if (fault) this.#options.fault(instance, fault.reason);
    else if (release?.parked) this.#park(gateway, instance, { idleMs, served });
    else this.#takeBack(gateway, instance, { idleMs, served });
  }

  #hello(send: (message: AgentMessage) => void, { gatewayId, machine, instanceIds, parkedIds }: HelloMessage): Gateway {
    const gateway = this.#gateway(gatewayId);
    gateway.near = machine !== '' && machine === this.#options.machine;
    const first = gateway.send !== send;
    gateway.send = send;
    clearTimeout(gateway.grace);
    gateway.grace = undefined;
    const unknown = instanceIds.filter((instanceId) => !this.#reclaim(gateway, instanceId));
    // What was granted on an earlier stream and is not named now was lost with that stream.
    const settledBefore = first ? Number.POSITIVE_INFINITY : Date.now() - SETTLED_MS;
    const named = new Set([...instanceIds, ...parkedIds]);
    for (const instance of [...gateway.leases]) {
      if (named.has(instance.id) || (instance.lease?.since ?? 0) > settledBefore) continue;
      this.#takeBack(gateway, instance, UNUSED);
    }
    for (const instance of [...gateway.parked]) if (!named.has(instance.id)) this.#parked.free(instance);
    unknown.push(...parkedIds.filter((instanceId) => !this.#parkAgain(gateway, instanceId, first)));
    const { node, tier, parallelStarts, cores } = this.#options;
    send({ welcome: { node, tier, unknownInstanceIds: unknown, parallelStarts, cores } });
    if (first) for (const instance of gateway.parked) if (instance.asleep) this.asleep(instance);
    return gateway;
  }

  #park(gateway: Gateway, instance: Instance, use: Use): void {
    gateway.leases.delete(instance);
    this.#parked.add(gateway, instance);
    if (this.#options.park(instance, use)) return;
    this.#parked.remove(instance);
    gateway.leases.add(instance);
    this.withdraw(instance, 'wanted');
  }

  /** True when the instance sleeps in the gateway's name, or may be woken by it. @param first the stream is new */
  #parkAgain(gateway: Gateway, instanceId: string, first: boolean): boolean {
    const instance = this.#options.instances.get(instanceId);
    if (!instance || !this.mayWake(gateway.id, instance)) return false;
    const { state, parking, lease } = instance;
    if (parking === 'away') this.#parked.add(gateway, instance);
    else if (gateway.leases.has(instance)) {
      // That it was parked was said on the earlier stream.
      if (first && state === 'leased') this.#park(gateway, instance, UNUSED);
    } else if (parking === 'none' && !lease && state === 'frozen') this.#parked.add(gateway, instance);
    return true;
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

  #takeBack(gateway: Gateway, instance: Instance, use: Use): void {
    gateway.leases.delete(instance);
    this.#options.giveBack(instance, use);
  }

  #startGrace(gateway: Gateway): void {
    gateway.grace ??= setTimeout(() => {
      gateway.grace = undefined;
      if (gateway.send) return;
      for (const instance of [...gateway.leases]) this.#takeBack(gateway, instance, UNUSED);
      for (const instance of [...gateway.parked]) this.#parked.free(instance);
      this.#gateways.delete(gateway.id);
    }, this.#options.graceMs).unref();
  }

  #holder(instance: Instance): Gateway | undefined {
    return instance.lease ? this.#gateways.get(instance.lease.gatewayId ?? UNKNOWN) : undefined;
  }

  #gateway(id: string): Gateway {
    let gateway = this.#gateways.get(id);
    if (!gateway) {
      gateway = { id, send: null, near: true, leases: new Set(), parked: new Set(), grace: undefined };
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
