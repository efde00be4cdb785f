import { chooseEvictions, type EvictionCandidate } from '../agent/eviction-order';
import { MemoryBudget } from '../agent/memory-budget';
import { StartGate } from '../agent/start-gate';
import { chooseEvictions as chooseImages } from '../checkpoint/eviction';
import type { EvictionRanking } from '../warming/warming-policy';
import type { CourtNode } from './court-case';
import type { MemoryMeter } from './memory-meter';
import type { SimulatedInstance } from './simulated-instance';
import type { SimulatedPool } from './simulated-pool';

/** A raw image on the node. */
interface NodeImage {
  readonly bytes: number;
  readonly since: number;
  lastUsedAt: number;
}

/** What all pools of a node share: memory, gates, images. */
export class SimulatedNode {
  readonly memory: MemoryBudget;
  readonly gates: { readonly restore: StartGate; readonly cold: StartGate };
  readonly pools: SimulatedPool[] = [];
  /** Bytes of instances that rest; and of those of them that nobody was promised. */
  restingBytes = 0;
  spareBytes = 0;
  /** Instances ended for want of memory, and the most bytes that were ever promised at once. */
  evicted = 0;
  mostCommitted = 0;
  readonly #images = new Map<number, NodeImage>();
  #imageBytes = 0;

  constructor(
    readonly facts: CourtNode,
    private readonly meter: MemoryMeter,
    private readonly ranking: EvictionRanking | null,
  ) {
    this.memory = new MemoryBudget(facts.memoryBytes);
    const { parallelRestores, parallelColdStarts, cores } = facts;
    this.gates = { restore: new StartGate(parallelRestores, cores), cold: new StartGate(parallelColdStarts, cores) };
  }

  /** Starts that a gateway may ask for at once. */
  get parallelStarts(): number {
    return this.facts.canFreeze ? this.facts.parallelRestores : this.facts.parallelColdStarts;
  }

  /** Could a start that nobody waits for have so many bytes? */
  hasSpare(bytes: number): boolean {
    return this.memory.free + this.spareBytes >= bytes;
  }

  /**
   * Commits the bytes, ending what is worth least where it must. False, with nothing changed, when there is no room.
   * @param promised instances that the manifest or a target promised may go as well
   */
  take(bytes: number, promised: boolean, now: number): boolean {
    const missing = bytes - this.memory.free;
    const chosen = missing > 0 ? this.#choose(promised, missing, now) : [];
    if (chosen === null) return false;
    this.memory.commit(bytes);
    for (const { pool, instance } of chosen) {
      this.evicted++;
      this.ranking?.evicted(instance.worth);
      pool.end(instance, 'evicted');
    }
    this.mostCommitted = Math.max(this.mostCommitted, this.memory.committed);
    return true;
  }

  /** True, and it counts as used, where the function's image lies here. */
  useImage(index: number, now: number): boolean {
    const image = this.#images.get(index);
    if (image) image.lastUsedAt = now;
    return image !== undefined;
  }

  /** An image was made here or fetched; others make room for it, and one that is larger than all room is not kept. */
  keepImage(index: number, bytes: number, now: number): void {
    if (this.#images.has(index)) return;
    const candidates = [...this.#images].map(([held, image]) => ({ ...image, checkpointId: String(held) }));
    const gone = chooseImages(candidates, this.#imageBytes + bytes - this.facts.imageBytes, now);
    if (gone === null) return;
    for (const id of gone) this.#dropImage(Number(id), now);
    this.#images.set(index, { bytes, since: now, lastUsedAt: now });
    this.#imageBytes += bytes;
  }

  /** Adds what images were held for up to now. */
  close(now: number): void {
    for (const index of [...this.#images.keys()]) this.#dropImage(index, now);
  }

  #dropImage(index: number, now: number): void {
    const image = this.#images.get(index);
    if (!image) return;
    this.#images.delete(index);
    this.#imageBytes -= image.bytes;
    this.meter.add(index, 'images', image.since, now);
  }

  #choose(promised: boolean, bytes: number, now: number): Evictable[] | null {
    if (bytes > (promised ? this.restingBytes : this.spareBytes)) return null;
    const evictable = this.pools.flatMap((pool) => pool.evictable(promised, now));
    const byId = new Map(evictable.map((item) => [item.candidate.id, item]));
    const ids = this.ranking
      ? leastWorth(evictable, bytes)
      : chooseEvictions(
          evictable.map(({ candidate }) => candidate),
          bytes,
        );
    return ids?.map((id) => byId.get(id) as Evictable) ?? null;
  }
}

/** An instance that could make room. */
export interface Evictable {
  readonly candidate: EvictionCandidate;
  readonly pool: SimulatedPool;
  readonly instance: SimulatedInstance;
}

function leastWorth(evictable: readonly Evictable[], bytes: number): string[] | null {
  const sorted = [...evictable].sort(
    (a, b) => a.instance.worth - b.instance.worth || a.instance.index - b.instance.index,
  );
  const chosen: string[] = [];
  let freed = 0;
  for (const { candidate } of sorted) {
    if (freed >= bytes) break;
    chosen.push(candidate.id);
    freed += candidate.bytes;
  }
  return freed >= bytes ? chosen : null;
}
