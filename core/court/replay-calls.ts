import type { WarmingPolicy } from '../warming/warming-policy';
import { CallOutcomes } from './call-outcomes';
import type { CourtCase } from './court-case';
import { EventQueue, EVENTS } from './event-queue';
import { MemoryMeter } from './memory-meter';
import type { SimulatedInstance } from './simulated-instance';
import { SimulatedController } from './simulated-controller';
import { SimulatedLeases } from './simulated-leases';
import { SimulatedNode } from './simulated-node';
import { SimulatedPool } from './simulated-pool';
import type { Simulation } from './simulation';

const MINUTE_MS = 60_000;

/** What came of one policy. */
export interface Replayed {
  readonly policy: string;
  readonly outcomes: CallOutcomes;
  readonly meter: MemoryMeter;
  /** Instances ended for want of memory. */
  readonly evicted: number;
  /** Most bytes that each node had promised at once. */
  readonly mostCommitted: readonly number[];
}

/**
 * Replays the calls under a policy: gateway, agent and controller as the platform has them, in simulated time. Starts never
 * fail, and calls wait for as long as it takes. Equal input gives equal results, to the last bit.
 * @param court as `checkCase` lets it pass
 */
export function replayCalls(court: CourtCase, policy: WarmingPolicy): Replayed {
  return new Replay(court, policy).run();
}

class Replay {
  readonly #simulation: Simulation;
  readonly #nodes: readonly SimulatedNode[];
  readonly #pools: readonly SimulatedPool[];
  readonly #leases: readonly SimulatedLeases[];
  readonly #controller: SimulatedController;
  readonly #serverOf: Int32Array;
  #next = 0;
  /** Calls that wait or run. */
  #present = 0;
  #decideAt: number;

  constructor(
    private readonly court: CourtCase,
    private readonly policy: WarmingPolicy,
  ) {
    const { functions, nodes, calls, window, delays } = court;
    const ranking = policy.ranking?.() ?? null;
    const begin = Math.min(window.from, calls.at[0] ?? window.from);
    const simulation: Simulation = {
      court,
      ranking,
      queue: new EventQueue(),
      meter: new MemoryMeter(functions.length, window),
      outcomes: new CallOutcomes(calls),
      instances: [],
      now: begin,
    };
    this.#simulation = simulation;
    this.#serverOf = new Int32Array(calls.at.length);
    this.#nodes = nodes.map((node) => new SimulatedNode(node, simulation.meter, ranking));
    this.#pools = functions.map(
      (fn, index) => new SimulatedPool(index, fn, this.#nodes[fn.node] as SimulatedNode, simulation),
    );
    this.#leases = this.#pools.map((pool, index) => {
      const leases = new SimulatedLeases(index, pool, simulation, this.#serverOf);
      pool.leases = leases;
      return leases;
    });
    this.#controller = new SimulatedController(policy, this.#pools, simulation);
    this.#decideAt = Math.floor(begin / MINUTE_MS) * MINUTE_MS + delays.decision;
    if (this.#decideAt < begin) this.#decideAt += MINUTE_MS;
    functions.forEach(({ checkpoint, joins, keepAliveMs }, index) => {
      // One that joined long before has ended by now, or has served.
      for (const at of joins.filter((moment) => moment >= begin - keepAliveMs)) {
        simulation.queue.add(Math.max(begin, at), EVENTS.joined, index);
      }
      if (checkpoint) simulation.queue.add(Math.max(begin, checkpoint.from), EVENTS.published, index);
    });
  }

  run(): Replayed {
    const { at } = this.court.calls;
    const { queue, meter, outcomes } = this.#simulation;
    const { to } = this.court.window;
    for (;;) {
      const arrivesAt = this.#next < at.length ? (at[this.#next] as number) : Infinity;
      const now = Math.min(queue.nextAt, this.#decideAt, arrivesAt);
      if (arrivesAt === Infinity && this.#present === 0 && now >= to) break;
      this.#simulation.now = now;
      if (queue.nextAt === now) this.#happen();
      else if (this.#decideAt === now) {
        this.#controller.decide();
        this.#decideAt += MINUTE_MS;
      } else this.#arrive();
    }
    const end = Math.max(to, this.#simulation.now);
    for (const instance of this.#simulation.instances) instance?.hold(null, end);
    for (const node of this.#nodes) node.close(end);
    return {
      policy: this.policy.name,
      outcomes,
      meter,
      evicted: this.#nodes.reduce((sum, node) => sum + node.evicted, 0),
      mostCommitted: this.#nodes.map(({ mostCommitted }) => mostCommitted),
    };
  }

  #arrive(): void {
    const call = this.#next++;
    this.#present++;
    this.#leasesOf(call).arrive(call);
  }

  #happen(): void {
    const { queue, instances } = this.#simulation;
    queue.take();
    const { kind, subject } = queue;
    switch (kind) {
      case EVENTS.ended: {
        this.#present--;
        this.#controller.ended(subject);
        this.#leasesOf(subject).give(instances[this.#serverOf[subject] as number] as SimulatedInstance, subject);
        break;
      }
      case EVENTS.ready: {
        const instance = instances[subject] as SimulatedInstance;
        this.#poolOf(instance).ready(instance);
        break;
      }
      case EVENTS.awake: {
        const instance = instances[subject] as SimulatedInstance;
        this.#poolOf(instance).awake(instance);
        break;
      }
      case EVENTS.sweep:
        this.#leases[subject]?.sweep();
        break;
      case EVENTS.review:
        this.#leases[subject]?.review();
        break;
      case EVENTS.plan:
        this.#pools[subject]?.planDue();
        break;
      case EVENTS.joined:
        this.#pools[subject]?.join();
        break;
      case EVENTS.published: {
        const pool = this.#pools[subject] as SimulatedPool;
        pool.node.keepImage(subject, pool.fn.checkpoint?.rawBytes ?? 0, this.#simulation.now);
        break;
      }
    }
  }

  #leasesOf(call: number): SimulatedLeases {
    return this.#leases[this.court.calls.functions[call] as number] as SimulatedLeases;
  }

  #poolOf(instance: SimulatedInstance): SimulatedPool {
    return this.#pools[instance.pool] as SimulatedPool;
  }
}
