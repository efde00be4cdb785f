import { expectedUses } from '../../core/agent/pool-plan';
import { chooseEvictions, type EvictionCandidate } from '../../core/agent/eviction-order';
import { PlatformError } from '../../core/error/platform-error';
import type { BlankStock } from '../blank/blank-stock';
import type { Instance } from '../instance/instance';
import type { InstanceLife } from '../instance/instance-life';
import type { MemoryBudget } from '../../core/agent/memory-budget';
import type { RevisionPool } from './revision-pool';

/** Finds memory for one more instance, by ending blanks, then idle and frozen ones of least value, where it must. */
export class RoomMaker {
  readonly #memory: MemoryBudget;
  readonly #life: InstanceLife;
  readonly #blanks: Pick<BlankStock, 'bytes' | 'evict'>;
  readonly #pools: ReadonlyMap<string, RevisionPool>;
  readonly #restorable: (pool: RevisionPool) => boolean;

  constructor(options: {
    memory: MemoryBudget;
    life: InstanceLife;
    blanks: Pick<BlankStock, 'bytes' | 'evict'>;
    pools: ReadonlyMap<string, RevisionPool>;
    restorable: (pool: RevisionPool) => boolean;
  }) {
    this.#memory = options.memory;
    this.#life = options.life;
    this.#blanks = options.blanks;
    this.#pools = options.pools;
    this.#restorable = options.restorable;
  }

  /** Bytes that evicting could give. `promised`: those that the manifest or a target promised count as well. */
  evictable(promised: boolean): number {
    return this.#candidates(promised).reduce((sum, candidate) => sum + candidate.bytes, this.#blanks.bytes);
  }

  /**
   * Commits the bytes now; what it returns resolves when the instances evicted for them have ended. Null, with nothing
   * changed, when there is no room.
   */
  take(bytes: number, promised: boolean): Promise<unknown> | null {
    const missing = bytes - this.#memory.free;
    const fromInstances = missing - this.#blanks.bytes;
    const chosen = fromInstances > 0 ? chooseEvictions(this.#candidates(promised), fromInstances) : [];
    if (chosen === null) return null;
    this.#memory.commit(bytes);
    return Promise.all([this.#blanks.evict(missing), ...chosen.map((id) => this.#evict(this.#life.instances.get(id)))]);
  }

  /** Waits for the bytes and commits them. @throws PlatformError capacity */
  async takeWithin(bytes: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const taken = this.take(bytes, true);
      if (taken) {
        await taken;
        return;
      }
      const left = deadline - performance.now();
      if (left <= 0 || bytes > this.#memory.capacity) {
        throw new PlatformError('capacity', 'The node has no memory left for another instance', {
          retryAfterSeconds: 5,
        });
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
