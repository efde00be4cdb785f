import type { EvictionRanking, WarmFunction } from '../../../core/warming/warming-policy';
import { callsInOrder } from './calls-in-order';
import type { SlotFunction } from './slot-function';
import { OutcomeTally, type Scored, type SlotOutcome } from './slot-outcome';

/** A slot whose instance is loaded, or may be. */
interface LoadedSlot {
  readonly fn: number;
  worth: number;
  /** When its last use ended. */
  freeAt: number;
  /** Its place among the loaded; −1 where it is not. */
  place: number;
}

/**
 * Plays a policy that keeps all until memory is short, over all functions together in the order of their calls: what is worth
 * least among the idle goes first; where all are in use the capacity is overdrawn.
 * @param capacityGb for instances, idle or not
 * @returns for each stretch an outcome for each function
 */
export function playCapacity(
  functions: readonly SlotFunction[],
  ranking: EvictionRanking,
  priced: (fn: SlotFunction) => WarmFunction,
  scored: readonly Scored[],
  capacityGb: number,
): SlotOutcome[][] {
  const warm = functions.map(priced);
  const tallies = functions.map(() => scored.map((stretch) => new OutcomeTally(stretch)));
  const slots: LoadedSlot[] = functions.flatMap((fn, index) =>
    fn.slots.map(() => ({ fn: index, worth: 0, freeAt: 0, place: -1 })),
  );
  const loaded: LoadedSlot[] = [];
  let used = 0;
  const memory = ({ fn }: LoadedSlot): number => functions[fn]?.memoryGb ?? 0;
  const hold = (slot: LoadedSlot, until: number): void => {
    for (const tally of tallies[slot.fn] ?? []) tally.hold(slot.freeAt, until, memory(slot));
  };
  const evict = (slot: LoadedSlot, at: number): void => {
    ranking.evicted(slot.worth);
    used -= memory(slot);
    hold(slot, at);
    const last = loaded.pop() as LoadedSlot;
    if (last !== slot) loaded[slot.place] = last;
    last.place = slot.place;
    slot.place = -1;
  };
  callsInOrder(functions, (number, at, until) => {
    const slot = slots[number] as LoadedSlot;
    const fn = functions[slot.fn] as SlotFunction;
    const cold = slot.place < 0;
    for (const tally of tallies[slot.fn] ?? []) tally.call(at, cold, cold ? fn.coldSeconds : 0, until - at);
    if (!cold) hold(slot, at);
    else {
      while (used + fn.memoryGb > capacityGb) {
        const least = leastWorth(loaded, at);
        if (!least) break;
        evict(least, at);
      }
      slot.place = loaded.push(slot) - 1;
      used += fn.memoryGb;
    }
    slot.worth = ranking.used(warm[slot.fn] as WarmFunction);
    slot.freeAt = until;
  });
  const end = Math.max(...scored.map(({ to }) => to));
  for (const slot of loaded) hold(slot, end);
  return scored.map((_, stretch) =>
    functions.map((fn, index) => (tallies[index]?.[stretch] as OutcomeTally).outcome(fn)),
  );
}

function leastWorth(loaded: readonly LoadedSlot[], at: number): LoadedSlot | null {
  let least: LoadedSlot | null = null;
  for (const slot of loaded) if (slot.freeAt <= at && (!least || slot.worth < least.worth)) least = slot;
  return least;
}
