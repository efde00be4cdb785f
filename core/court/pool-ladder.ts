import type { LadderSnapshot } from '../start/next-rung';
import type { CourtFunction } from './court-case';
import type { PooledInstances } from './pooled-instances';
import type { SimulatedNode } from './simulated-node';
import type { SimulatedStarts } from './simulated-starts';

/** A pool as the ladder sees it. @param waiting wishes for an instance */
export function ladderOf(
  { fn, node }: { readonly fn: CourtFunction; readonly node: SimulatedNode },
  instances: PooledInstances,
  starts: SimulatedStarts,
  waiting: number,
): LadderSnapshot {
  const { memory, gates, restingBytes } = node;
  const { idle, frozen, waking } = instances.free;
  return {
    waiting,
    idle,
    frozen,
    coming: starts.size + waking,
    live: instances.size + starts.size,
    max: fn.warm.max,
    restorable: starts.rung === 'restore',
    restoreSlots: gates.restore.free,
    coldSlots: gates.cold.free,
    memoryNeeded: fn.memoryBytes,
    memoryFree: memory.free,
    memoryEvictable: restingBytes,
    // The court judges what is kept warm, on a node without other limits than memory.
    hasSlot: true,
  };
}
