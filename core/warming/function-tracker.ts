import type { FunctionPolicy, Hold, SlotPolicy, WarmFunction } from './warming-policy';

/** A slot at a moment. */
export interface SlotView {
  /** When its last call ended, or will. */
  readonly restsSince: number;
  /** What its policy holds of the rest that begins then. */
  readonly holds: readonly Hold[];
  /** How often it is taken from its rest, of late: each use counts half as much an hour later. */
  readonly usesPerSecond: number;
}

interface Slot {
  readonly policy: SlotPolicy;
  /** When each of its calls ends. */
  ends: number[];
  lastEnd: number;
  /** When the rest began that `holds` is for. */
  plannedFor: number;
  holds: readonly Hold[];
  /** Uses, each halved with every hour up to the last of them, and when that was. */
  uses: number;
  usedAt: number;
}

const HALF_LIFE_SECONDS = 3_600;

/**
 * One function's calls laid out over slots, with the policy's say on each rest. A slot is an instance: each call takes the
 * lowest one that has a free place. All moments are seconds on one clock.
 */
export class FunctionTracker {
  readonly #slots: Slot[] = [];
  readonly #fresh: Map<number, readonly Hold[]> = new Map();
  #latest = -Infinity;

  constructor(
    readonly fn: WarmFunction,
    readonly policy: FunctionPolicy,
  ) {}

  /** Slots that were used so far. */
  get size(): number {
    return this.#slots.length;
  }

  /** When the last call came that is known; −Infinity before any. */
  get latest(): number {
    return this.#latest;
  }

  /**
   * A call came at `at` and kept its place until `end`. Calls come in the order of their arrival; one that is told late (it
   * took long) is laid out as if it had come last, and rests that this would make negative count as none.
   */
  call(at: number, end: number): void {
    if (!Number.isFinite(at) || !Number.isFinite(end)) return;
    this.#latest = Math.max(this.#latest, at);
    const index = this.#free(at);
    const slot = this.#slots[index] ?? this.#open(index);
    slot.ends = slot.ends.filter((other) => other > at);
    if (slot.ends.length === 0) {
      if (slot.lastEnd > -Infinity) {
        this.#plan(slot, slot.lastEnd);
        slot.policy.use(slot.lastEnd, Math.max(slot.lastEnd, at));
      }
      slot.uses = 1 + slot.uses * fading(at - slot.usedAt);
      slot.usedAt = Math.max(slot.usedAt, at);
    }
    slot.ends.push(Math.max(at, end));
    slot.lastEnd = Math.max(slot.lastEnd, at, end);
  }

  /** The slot that a call at `at` would take; null: one that was not used yet. */
  slotFor(at: number): SlotView | null {
    const slot = this.#slots[this.#free(at)];
    return slot ? this.#view(slot) : null;
  }

  /** Each slot after its last call, the first one first. */
  views(): SlotView[] {
    return this.#slots.map((slot) => this.#view(slot));
  }

  /** What the policy holds of a slot that was not used yet, were it used now: for bursts larger than any before. */
  unused(now: number): readonly Hold[] {
    const index = this.#slots.length;
    let holds = this.#fresh.get(index);
    if (!holds) {
      holds = this.policy.slot(index).release(now);
      this.#fresh.clear();
      this.#fresh.set(index, holds);
    }
    return holds;
  }

  #free(at: number): number {
    const most = Math.max(1, this.fn.max);
    for (let index = 0; index < this.#slots.length; index++) {
      const { ends } = this.#slots[index] as Slot;
      let used = 0;
      for (const end of ends) if (end > at) used++;
      if (used < this.fn.concurrency) return index;
    }
    // More calls than instances: they wait, on whichever slot is free first.
    return this.#slots.length < most ? this.#slots.length : this.#soonest();
  }

  #soonest(): number {
    let soonest = 0;
    this.#slots.forEach((slot, index) => {
      if (slot.lastEnd < (this.#slots[soonest] as Slot).lastEnd) soonest = index;
    });
    return soonest;
  }

  #open(index: number): Slot {
    const slot: Slot = {
      policy: this.policy.slot(index),
      ends: [],
      lastEnd: -Infinity,
      plannedFor: -Infinity,
      holds: [],
      uses: 0,
      usedAt: -Infinity,
    };
    this.#slots.push(slot);
    return slot;
  }

  #view(slot: Slot): SlotView {
    this.#plan(slot, slot.lastEnd);
    const { lastEnd: restsSince, holds, uses, usedAt } = slot;
    const usesPerSecond = (uses * fading(restsSince - usedAt) * Math.LN2) / HALF_LIFE_SECONDS;
    return { restsSince, holds, usesPerSecond };
  }

  #plan(slot: Slot, since: number): void {
    if (slot.plannedFor === since) return;
    slot.holds = slot.policy.release(since);
    slot.plannedFor = since;
  }
}

/** What is left of a use after so many seconds. */
export function fading(seconds: number): number {
  return 2 ** (-Math.max(0, seconds) / HALF_LIFE_SECONDS);
}
