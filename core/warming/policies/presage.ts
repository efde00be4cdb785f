import { GapModel } from '../gap-model';
import { GAP_BINS } from '../gap-scale';
import { planHolds } from '../hold-plan';
import { instancesWorthHolding } from '../worth-holding';
import { slotFunction, type Hold, type SlotPolicy, type WarmFunction, type WarmingPolicy } from '../warming-policy';

/** A slot in steady use is looked at anew after so many uses: more would say the same. */
const LEARNS_FIRST = 24;
const EACH = 8;

const probabilities = new Float64Array(GAP_BINS + 1);

/**
 * Ours: for each rest the rungs with the least expected price, from how long this slot has rested so far; and for functions
 * whose calls run side by side as many instances as the next minutes' forecast makes worth their price.
 */
export const presage: WarmingPolicy = {
  name: 'presage',
  of: (fn) => ({
    slot: (index) => new PricedSlot(slotFunction(fn, index)),
    pool: (forecast) => instancesWorthHolding(fn, forecast),
  }),
};

class PricedSlot implements SlotPolicy {
  readonly #gaps = new GapModel();
  #uses = 0;
  #plannedAt = -1;
  #holds: readonly Hold[] = [];

  constructor(private readonly fn: WarmFunction) {}

  release(at: number): readonly Hold[] {
    const known = this.#plannedAt >= 0 && this.#uses >= LEARNS_FIRST && this.#uses - this.#plannedAt < EACH;
    if (known && this.#gaps.busy) return this.#holds;
    this.#gaps.fill(at, probabilities);
    this.#holds = planHolds(probabilities, this.fn.rungs);
    this.#plannedAt = this.#uses;
    return this.#holds;
  }

  use(releasedAt: number, at: number): void {
    this.#gaps.add(releasedAt, at);
    this.#uses++;
  }
}
