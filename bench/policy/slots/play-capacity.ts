import type { EvictionRanking, WarmFunction } from '../../../core/warming/warming-policy';
import type { SlotFunction } from './slot-function';
import type { Scored, SlotOutcome } from './play-slots';

/** One use of a slot. */
interface Use {
  readonly at: number;
  /** Its end, when the next rest begins. */
  readonly until: number;
  readonly slot: number;
}

/** A slot whose instance is loaded, or may be. */
interface LoadedSlot {
  readonly fn: number;
  worth: number;
  /** When its last use ended. */
  freeAt: number;
}

/**
 * Plays a policy that keeps all until memory is short, over all functions together in the order of their calls: what is worth
 * least among the idle goes first; where all are in use the capacity is overdrawn.
 * @param capacityGb for instances, idle or not
 */
export function playCapacity(
  functions: readonly SlotFunction[],
  ranking: EvictionRanking,
  priced: (fn: SlotFunction) => WarmFunction,
  scored: Scored,
  capacityGb: number,
): SlotOutcome[] {
  const warm = functions.map(priced);
  const tallies = functions.map(() => ({ calls: 0, cold: 0, held: 0, delay: 0 }));
  const slots: LoadedSlot[] = functions.flatMap((fn, index) =>
    fn.slots.map(() => ({ fn: index, worth: 0, freeAt: 0 })),
  );
  const loaded = new Set<LoadedSlot>();
  let used = 0;
  const hold = ({ fn, freeAt }: LoadedSlot, until: number): void => {
    const seconds = Math.min(until, scored.to) - Math.max(freeAt, scored.from);
    const tally = tallies[fn];
    if (tally && seconds > 0) tally.held += seconds * (functions[fn]?.memoryGb ?? 0);
  };
  for (const { at, until, slot: number } of usesOf(functions)) {
    const slot = slots[number];
    const fn = slot && functions[slot.fn];
    const own = slot && warm[slot.fn];
    const tally = slot && tallies[slot.fn];
    if (!slot || !fn || !own || !tally) continue;
    const counted = at >= scored.from && at < scored.to;
    if (counted) tally.calls++;
    if (loaded.has(slot)) hold(slot, at);
    else {
      if (counted) {
        tally.cold++;
        tally.delay += fn.coldSeconds;
      }
      while (used + fn.memoryGb > capacityGb) {
        const least = leastWorth(loaded, at);
        if (!least) break;
        ranking.evicted(least.worth);
        loaded.delete(least);
        used -= functions[least.fn]?.memoryGb ?? 0;
        hold(least, at);
      }
      loaded.add(slot);
      used += fn.memoryGb;
    }
    slot.worth = ranking.used(own);
    slot.freeAt = until;
  }
  for (const slot of loaded) hold(slot, scored.to);
  return functions.map(({ id, pattern }, index) => {
    const { calls = 0, cold = 0, held = 0, delay = 0 } = tallies[index] ?? {};
    return { id, pattern, calls, cold, heldGbSeconds: { running: held }, delaySeconds: delay };
  });
}

function leastWorth(loaded: ReadonlySet<LoadedSlot>, at: number): LoadedSlot | null {
  let least: LoadedSlot | null = null;
  for (const slot of loaded) if (slot.freeAt <= at && (!least || slot.worth < least.worth)) least = slot;
  return least;
}

function usesOf(functions: readonly SlotFunction[]): Use[] {
  const uses: Use[] = [];
  let slot = 0;
  for (const fn of functions) {
    for (const { from, to } of fn.slots) {
      for (let rest = 0; rest + 1 < from.length; rest++) {
        uses.push({ at: to[rest] as number, until: from[rest + 1] as number, slot });
      }
      slot++;
    }
  }
  return uses.sort((a, b) => a.at - b.at || a.slot - b.slot);
}
