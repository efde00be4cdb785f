import type { RemovalReason } from '../agent/instance-state';
import { poolFloor, poolPlan, stepAt, type PoolPlan, type PoolSnapshot, type PoolTarget } from '../agent/pool-plan';
import { nextRung, type Obstacle } from '../start/next-rung';
import type { CourtFunction } from './court-case';
import { PlanReminder } from './plan-reminder';
import { ladderOf } from './pool-ladder';
import { PooledInstances } from './pooled-instances';
import { RecentRate } from './recent-rate';
import { RestingRoom } from './resting-room';
import { Rounds } from './rounds';
import type { SimulatedInstance, SimulatedStart } from './simulated-instance';
import type { SimulatedLeases } from './simulated-leases';
import type { Evictable, SimulatedNode } from './simulated-node';
import { SimulatedStarts } from './simulated-starts';
import type { Simulation } from './simulation';

/** What the agent of a node holds of one function: the ladder, the plan, and who waits for an instance. */
export class SimulatedPool {
  /** Set once, before anything happens. */
  leases!: SimulatedLeases;
  readonly rate = new RecentRate();
  readonly #instances = new PooledInstances();
  readonly #starts: SimulatedStarts;
  readonly #room: RestingRoom;
  /** Since when each wish of the gateway waits, the longest first. */
  readonly #wishes: number[] = [];
  #target: PoolTarget | null = null;
  readonly #reminder: PlanReminder;
  readonly #settling = new Rounds(() => this.#settleOnce());
  /** Instances that are promised at present. */
  #floor = 0;

  constructor(
    index: number,
    readonly fn: CourtFunction,
    readonly node: SimulatedNode,
    private readonly simulation: Simulation,
  ) {
    this.#starts = new SimulatedStarts(index, fn, node, simulation);
    this.#room = new RestingRoom(node, fn.memoryBytes, () => this.#spare);
    this.#reminder = new PlanReminder(index, simulation);
    node.pools.push(this);
  }

  readonly wake = (): void => {
    // One that would only start ahead of time need not be planned anew to find that there is still no room.
    if (this.#wishes.length === 0 && !this.node.hasSpare(this.fn.memoryBytes)) this.node.memory.whenChanged(this.wake);
    else this.settle();
  };

  /** The gateway asks for an instance. */
  acquire(): void {
    this.#wishes.push(this.simulation.now);
    this.#pump();
  }

  /** The gateway takes back so many of its wishes, the latest first; returns how many there were left to take. */
  callOff(count: number): number {
    return this.#wishes.splice(Math.max(0, this.#wishes.length - count)).length;
  }

  setTarget(target: PoolTarget): void {
    this.#target = target;
    this.settle();
  }

  /** Wakes a parked instance for a request that the gateway has sent to it already. */
  wakeParked(instance: SimulatedInstance): SimulatedStart {
    this.#room.change(-1);
    instance.leased = true;
    const start = this.#starts.thaw(instance, this.#facts());
    this.#starts.served();
    return start;
  }

  /** The gateway has nothing for it to do. True: it is frozen in its name; false: the gateway is to give it back. */
  park(instance: SimulatedInstance): boolean {
    if (this.#wishes.length > 0) return false;
    instance.state = 'idle';
    const plan = poolPlan(this.#snapshot());
    if (!plan.freeze.includes(instance.id)) {
      instance.state = 'leased';
      return false;
    }
    instance.leased = false;
    instance.parked = true;
    instance.state = 'frozen';
    instance.hold('frozen', this.simulation.now);
    this.#room.change(1);
    this.settle(plan);
    this.node.memory.changed();
    return true;
  }

  /** The gateway has done with it. */
  giveBack(instance: SimulatedInstance): void {
    instance.leased = false;
    instance.state = 'idle';
    this.#room.change(1);
    this.#pump();
    this.node.memory.changed();
    this.settle();
  }

  /** The instance of a deploy serves from now on, if there is room for it. */
  join(): void {
    if (this.node.take(this.fn.memoryBytes, false, this.simulation.now)) this.#arrived(this.#starts.join());
  }

  /** Its start is over. */
  ready(instance: SimulatedInstance): void {
    this.#starts.finish(instance);
    this.#arrived(instance);
  }

  #arrived(instance: SimulatedInstance): void {
    this.#instances.add(instance);
    instance.idleSince = this.simulation.now;
    this.#running(instance);
  }

  /** It runs again: for the request that woke it, or for whoever waits. */
  awake(instance: SimulatedInstance): void {
    if (instance.leased) {
      instance.state = 'leased';
      instance.waking = null;
    } else this.#running(instance);
  }

  /** Its time has come to look at the plan again, unless that was put off. */
  planDue(): void {
    if (this.#reminder.due()) this.settle();
  }

  end(instance: SimulatedInstance, reason: RemovalReason): void {
    this.#room.change(-1);
    this.#instances.delete(instance);
    instance.hold(null, this.simulation.now);
    this.simulation.instances[instance.index] = undefined;
    this.#starts.removed(reason);
    if (instance.parked) this.leases.forget(instance);
    this.node.memory.release(this.fn.memoryBytes);
    this.settle();
  }

  /**
   * Serves who waits, then carries out the plan; looks again when either changed something.
   * @param plan of this very moment, where that is known already
   */
  settle(plan?: PoolPlan): void {
    if (this.#settling.run(plan && (() => this.#apply(plan)))) this.#room.count();
  }

  /** Instances that could make room. @param promised those that the manifest or a target promised as well */
  evictable(promised: boolean, now: number): Evictable[] {
    if (this.#room.size === 0) return [];
    const resting = this.#instances.resting();
    const spare = this.#spare;
    return resting.slice(0, promised ? resting.length : spare).map((instance, place) => ({
      instance,
      pool: this,
      candidate: {
        id: instance.id,
        bytes: this.fn.memoryBytes,
        restartMs: this.#starts.restartMs,
        ratePerSecond: this.#target?.expectedRate ?? null,
        idleMs: now - instance.idleSince,
        promised: place >= spare,
      },
    }));
  }

  get #live(): number {
    return this.#instances.size + this.#starts.size;
  }

  get #spare(): number {
    return Math.max(0, this.#live - this.#floor);
  }

  #settleOnce(): void {
    this.#pump();
    const snapshot = this.#snapshot();
    this.#floor = poolFloor(snapshot);
    this.#apply(poolPlan(snapshot));
  }

  #pump(): void {
    while (this.#wishes.length > 0) {
      const next = nextRung(ladderOf(this, this.#instances, this.#starts, this.#wishes.length));
      if (next.step === 'done') return;
      if (next.step === 'hot') this.#serve();
      else if (next.step === 'warm') this.#thawNewest();
      else if (next.step === 'wait' || !this.#start(next.step, false)) {
        this.#wait(next.step === 'wait' ? next.for : 'memory');
        return;
      }
    }
  }

  #wait(obstacle: Obstacle): void {
    if (obstacle === 'memory') this.node.memory.whenChanged(this.wake);
    else if (obstacle === 'slot') this.node.gates[this.#starts.rung].whenFree(this.wake);
  }

  #serve(): void {
    const instance = this.#instances.newest('idle');
    const since = this.#wishes.shift();
    if (!instance || since === undefined) return;
    this.#room.change(-1);
    instance.state = 'leased';
    instance.leased = true;
    const { arrival } = instance;
    instance.arrival = null;
    this.#starts.served();
    // One that was ready before the wish came is hot, however it was made.
    this.leases.welcome(instance, arrival && since <= arrival.ready ? arrival : null);
  }

  #thawNewest(chosen = this.#instances.newest('frozen')): void {
    if (!chosen) return;
    this.#room.change(-1);
    if (chosen.parked) this.leases.forget(chosen);
    chosen.arrival = this.#starts.thaw(chosen, this.#facts());
  }

  /** False when there is no memory after all. The caller knows that the gate has a place. */
  #start(rung: 'restore' | 'cold', background: boolean): boolean {
    if (!this.node.take(this.fn.memoryBytes, !background, this.simulation.now)) return false;
    this.#starts.begin(rung, this.#facts());
    return true;
  }

  #running(instance: SimulatedInstance): void {
    instance.state = 'idle';
    instance.hold('running', this.simulation.now);
    this.#room.change(1);
    this.settle();
    this.node.memory.changed();
  }

  #apply(plan: PoolPlan): void {
    const { instances } = this.simulation;
    for (const id of plan.end) this.#with(id, (instance) => this.end(instance, 'expired'));
    for (const id of plan.freeze) {
      const instance = instances[Number(id)];
      if (instance?.state !== 'idle') continue;
      instance.state = 'frozen';
      instance.hold('frozen', this.simulation.now);
    }
    for (const id of plan.thaw) this.#with(id, (instance) => this.#thawNewest(instance));
    for (let left = plan.start; left > 0 && this.#startAhead(); left--);
    this.#reminder.set(plan.nextAt);
  }

  /** One that an eviction for this very plan has ended, or a wish has taken, is passed over. */
  #with(id: string, act: (instance: SimulatedInstance) => void): void {
    const instance = this.simulation.instances[Number(id)];
    if (instance && (instance.state === 'idle' || instance.state === 'frozen')) act(instance);
  }

  #startAhead(): boolean {
    const node = this.node;
    const rung = this.#starts.rung;
    if (node.gates[rung].freeForBackground === 0) {
      node.gates[rung].whenFree(this.wake);
      return false;
    }
    if (this.#start(rung, true)) return true;
    node.memory.whenChanged(this.wake);
    return false;
  }

  #snapshot(): PoolSnapshot {
    const { warm, keepAliveMs } = this.fn;
    const instances = this.#instances.planned();
    return {
      now: this.simulation.now,
      instances,
      starting: this.#live - instances.length,
      min: warm.min,
      max: warm.max,
      keepAliveMs,
      target: this.#target,
      canFreeze: this.node.facts.canFreeze,
    };
  }

  /** As they are when a start is decided: later it counts itself among the busy. */
  #facts(): { busy: number; promised: number | null } {
    const ready = stepAt(this.#target, this.simulation.now);
    return { busy: this.#instances.leased, promised: this.#target ? ready.running + ready.frozen : null };
  }
}
