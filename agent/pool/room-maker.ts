import { expectedUses } from '../../core/agent/pool-plan';
import { chooseEvictions, chooseFunction, type EvictionCandidate } from '../../core/agent/eviction-order';
import { PlatformError } from '../../core/error/platform-error';
import type { RunSpec } from '../../core/function/run-spec';
import type { BlankStock } from '../blank/blank-stock';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { RevisionPool } from './revision-pool';

/** For what room is made. */
export type RoomWish = Pick<RunSpec, 'tenant' | 'function' | 'limits'>;

/**
 * Finds a slot and memory for one more instance, by ending blanks, then idle and frozen ones of least value, where it must. A
 * slot is a function: however many instances of it there are, it takes one.
 */
export class RoomMaker {
  readonly #memory: MemoryBudget;
  readonly #slots: number;
  readonly #life: InstanceLife;
  readonly #blanks: Pick<BlankStock, 'bytes' | 'evict'>;
  readonly #pools: ReadonlyMap<string, RevisionPool>;
  readonly #restorable: (pool: RevisionPool) => boolean;

  constructor(options: {
    memory: MemoryBudget;
    /** Functions that may be on the node at once. */
    slots: number;
    life: InstanceLife;
    blanks: Pick<BlankStock, 'bytes' | 'evict'>;
    pools: ReadonlyMap<string, RevisionPool>;
    restorable: (pool: RevisionPool) => boolean;
  }) {
    this.#memory = options.memory;
    this.#slots = options.slots;
    this.#life = options.life;
    this.#blanks = options.blanks;
    this.#pools = options.pools;
    this.#restorable = options.restorable;
  }

  /** Bytes that evicting could give. `promised`: those that the manifest or a target promised count as well. */
  evictable(promised: boolean): number {
    return this.#candidates(promised).reduce((sum, candidate) => sum + candidate.bytes, this.#blanks.bytes);
  }

  /** May the function be on the node: is it, or is there a slot, or a function that can go? @param promised as for `evictable` */
  hasSlot(wish: RoomWish, promised: boolean): boolean {
    return this.#slotFor(wish, () => this.#candidates(promised)) !== null;
  }

  /**
   * Commits the bytes now; what it returns resolves when the instances evicted for them have ended. Null, with nothing
   * changed, when there is no room.
   */
  take(wish: RoomWish, promised: boolean): Promise<unknown> | null {
    const bytes = wish.limits.memoryBytes;
    const leaving = this.#slotFor(wish, () => this.#candidates(promised));
    if (leaving === null) return null;
    const missing = bytes - this.#memory.free - leaving.reduce((sum, instance) => sum + instance.memoryBytes, 0);
    const fromInstances = missing - this.#blanks.bytes;
    const left = (): EvictionCandidate[] =>
      this.#candidates(promised).filter(({ id }) => !leaving.some((instance) => instance.id === id));
    const chosen = fromInstances > 0 ? chooseEvictions(left(), fromInstances) : [];
    if (chosen === null) return null;
    this.#memory.commit(bytes);
    const ending = [...leaving, ...chosen.map((id) => this.#life.instances.get(id))];
    return Promise.all([this.#blanks.evict(missing), ...ending.map((instance) => this.#evict(instance))]);
  }

  /** Waits for room and takes it. @throws PlatformError capacity */
  async takeWithin(wish: RoomWish, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const taken = this.take(wish, true);
      if (taken) {
        await taken;
        return;
      }
      const left = deadline - performance.now();
      if (left <= 0 || wish.limits.memoryBytes > this.#memory.capacity) {
        const lacking = this.hasSlot(wish, true) ? 'memory left for another instance' : 'slot for another function';
        throw new PlatformError('capacity', `The node has no ${lacking}`, { retryAfterSeconds: 5 });
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#memory.whenChanged(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** The instances that must end so that the function may be here; null where none can. */
  #slotFor(wish: RoomWish, candidates: () => readonly EvictionCandidate[]): readonly Instance[] | null {
    if (this.#slots === Number.POSITIVE_INFINITY) return [];
    const here = new Map<string, Instance[]>();
    for (const instance of this.#life.instances.values()) {
      if (instance.ended) continue;
      const known = here.get(keyOf(instance.run));
      if (known) known.push(instance);
      else here.set(keyOf(instance.run), [instance]);
    }
    const starting = new Set(
      [...this.#pools.values()].filter(({ starts }) => starts.size > 0).map(({ run }) => keyOf(run)),
    );
    const key = keyOf(wish);
    if (here.has(key) || starting.has(key)) return [];
    if (new Set([...here.keys(), ...starting]).size < this.#slots) return [];
    const resting = new Map(candidates().map((candidate) => [candidate.id, candidate]));
    const free = [...here].flatMap(([name, instances]): [string, EvictionCandidate[]][] => {
      const all = instances.flatMap(({ id }) => resting.get(id) ?? []);
      return all.length === instances.length && !starting.has(name) ? [[name, all]] : [];
    });
    const chosen = chooseFunction(new Map(free));
    return chosen === null ? null : (here.get(chosen) ?? []);
  }

  #evict(instance: Instance | undefined): Promise<void> {
    return instance ? this.#life.end(instance, 'evicted') : Promise.resolve();
  }

  #candidates(promised: boolean): EvictionCandidate[] {
    const now = Date.now();
    const candidates: EvictionCandidate[] = [];
    for (const pool of this.#pools.values()) {
      const resting = [...pool.instances]
        .filter(({ state, claim }) => (state === 'idle' || state === 'frozen') && !claim)
        .sort((a, b) => a.idleSince - b.idleSince);
      if (resting.length === 0) continue;
      const spare = Math.max(0, pool.live - pool.floor);
      const restartMs = this.#restorable(pool) ? pool.startMs.restore : pool.startMs.cold;
      const target = pool.validTarget;
      resting.forEach((instance, index) => {
        const kept = index >= spare;
        if (kept && !promised) return;
        candidates.push({
          id: instance.id,
          bytes: instance.memoryBytes,
          restartMs,
          ratePerSecond: expectedUses(target, pool.live - 1 - index),
          idleMs: now - instance.idleSince,
          promised: kept,
        });
      });
    }
    return candidates;
  }
}

function keyOf({ tenant, function: name }: Pick<RoomWish, 'tenant' | 'function'>): string {
  return `${tenant}/${name}`;
}
