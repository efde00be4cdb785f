import { poolPlan } from '../../core/agent/pool-plan';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { CheckpointCatalog } from '../revision/checkpoint-catalog';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { StartGate } from '../../core/agent/start-gate';
import type { RevisionPool } from './revision-pool';
import type { RoomMaker } from './room-maker';
import type { StartLedger } from './start-ledger';

/** Timers of Node end at 2^31 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Carries out the plan of a pool: freezes at once, ends by age, pre-thaws and pre-starts what was promised. */
export class PoolUpkeep {
  readonly #life: InstanceLife;
  readonly #ledger: StartLedger;
  readonly #memory: MemoryBudget;
  readonly #room: Pick<RoomMaker, 'evictable' | 'hasSlot'>;
  readonly #gates: { readonly restore: StartGate; readonly cold: StartGate };
  readonly #checkpointOf: (pool: RevisionPool) => ReturnType<CheckpointCatalog['usable']>;
  readonly #available: (pool: RevisionPool, instance: Instance | null) => void;
  readonly #canFreeze: boolean;

  constructor(options: {
    life: InstanceLife;
    ledger: StartLedger;
    memory: MemoryBudget;
    room: Pick<RoomMaker, 'evictable' | 'hasSlot'>;
    gates: { readonly restore: StartGate; readonly cold: StartGate };
    checkpointOf: (pool: RevisionPool) => ReturnType<CheckpointCatalog['usable']>;
    available: (pool: RevisionPool, instance: Instance | null) => void;
    canFreeze: boolean;
  }) {
    this.#life = options.life;
    this.#ledger = options.ledger;
    this.#memory = options.memory;
    this.#room = options.room;
    this.#gates = options.gates;
    this.#checkpointOf = options.checkpointOf;
    this.#available = options.available;
    this.#canFreeze = options.canFreeze;
  }

  apply(pool: RevisionPool): void {
    clearTimeout(pool.planTimer);
    const plan = poolPlan(pool.snapshot(this.#canFreeze));
    for (const id of plan.end) this.#with(id, (instance) => void this.#life.end(instance, 'expired'));
    for (const id of plan.freeze) this.#with(id, (instance) => void this.freeze(pool, instance));
    for (const id of plan.thaw) this.#with(id, (instance) => void this.#ledger.thaw(pool, instance));
    const wanted = pool.startable ? plan.start : 0;
    // Whether there is a place to start them now, or only later.
    const noSlot = wanted > 0 && pool.live === 0 && !this.#room.hasSlot(pool.run, false);
    const bytes = wanted * pool.run.limits.memoryBytes;
    pool.capped = noSlot || (wanted > 0 && bytes > this.#memory.free + this.#room.evictable(false));
    for (let left = wanted; left > 0 && this.#preStart(pool); left -= 1);
    if (plan.nextAt !== null) {
      const wait = Math.min(Math.max(1, plan.nextAt - Date.now()), LONGEST_TIMER_MS);
      pool.planTimer = setTimeout(pool.wake, wait).unref();
    }
  }

  /** True when one was begun. */
  #preStart(pool: RevisionPool): boolean {
    const pauseMs = pool.retryAt - performance.now();
    if (pauseMs > 0) {
      pool.retryTimer ??= setTimeout(() => {
        pool.retryTimer = undefined;
        pool.wake();
      }, pauseMs).unref();
      return false;
    }
    const rung = this.#checkpointOf(pool) ? 'restore' : 'cold';
    if (this.#gates[rung].freeForBackground === 0) {
      this.#gates[rung].whenFree(pool.wake);
      return false;
    }
    if (this.#ledger.start(pool, rung, true)) return true;
    if (pool.run.limits.memoryBytes <= this.#memory.capacity) this.#memory.whenChanged(pool.wake);
    return false;
  }

  async freeze(pool: RevisionPool, instance: Instance): Promise<void> {
    const frozen = await this.#life.freeze(instance);
    this.#available(pool, frozen ? instance : null);
  }

  #with(id: string, act: (instance: Instance) => void): void {
    const instance = this.#life.instances.get(id);
    if (instance) act(instance);
  }
}
