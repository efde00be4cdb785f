import { seedPoolSize } from '../seed-pool';
import { warmRung, type Hold, type SlotPolicy, type WarmFunction, type WarmingPolicy } from '../warming-policy';

export const SEED_BUFFER = 1.2;
const MINUTE = 60;
/** Fewer calls than this in a minute round to none. */
const LEAST_EXPECTED = 0.5;
const MEDIANS = 1.5;
/** Rests that the median is of. */
const LOOK_BACK = 64;
const LEARNS_FIRST = 24;
const EACH = 8;

/**
 * The two formulas of the project's founding document, to the letter. Pool: expected calls a second × mean seconds of a call
 * × buffer, within min and max. Keep-alive: 1.5 × the median rest where what it is expected to save exceeds what it costs,
 * else end at once.
 */
export function seed(buffer = SEED_BUFFER): WarmingPolicy {
  return {
    name: 'seed',
    of: (fn) => ({
      slot: () => new MedianSlot(fn),
      pool: ({ mean }) => {
        const expected = mean[0] ?? 0;
        const ratePerSecond = expected > LEAST_EXPECTED ? expected / MINUTE : 0;
        return seedPoolSize({ ...fn, ratePerSecond, meanExecutionSeconds: fn.executeSeconds }, buffer);
      },
    }),
  };
}

class MedianSlot implements SlotPolicy {
  readonly #rests: number[] = [];
  #uses = 0;
  #holds: readonly Hold[] = [];

  constructor(private readonly fn: WarmFunction) {}

  release(): readonly Hold[] {
    if (this.#uses <= LEARNS_FIRST || this.#uses % EACH === 0) this.#holds = this.#plan();
    return this.#holds;
  }

  use(releasedAt: number, at: number): void {
    this.#rests[this.#uses % LOOK_BACK] = Math.max(0, at - releasedAt);
    this.#uses++;
  }

  #plan(): readonly Hold[] {
    const sorted = Float64Array.from(this.#rests).sort();
    if (sorted.length === 0) return [];
    const keep = MEDIANS * (sorted[sorted.length >> 1] as number);
    const { name: rung, holding } = warmRung(this.fn);
    const saved = this.fn.rungs.at(-1)?.delayPrice ?? 0;
    let benefit = 0;
    let cost = 0;
    for (const rest of sorted) {
      if (rest <= keep) benefit += saved;
      cost += holding * Math.min(rest, keep);
    }
    return keep > 0 && benefit > cost ? [{ from: 0, to: keep, rung }] : [];
  }
}
