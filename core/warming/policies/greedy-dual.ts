import { warmRung, type EvictionRanking, type WarmFunction, type WarmingPolicy } from '../warming-policy';

/**
 * FaasCache (Fuerst and Sharma, ASPLOS 2021): instances end only when memory is short, the one with the least priority first:
 * the clock when it was last used + uses of its function × its cold start / its memory. The clock is the greatest priority
 * that was ended so far, so that what was used long ago falls behind (greedy-dual size frequency).
 */
export const greedyDual: WarmingPolicy = {
  name: 'greedy-dual',
  of: (fn) => {
    const holds = [{ from: 0, to: Infinity, rung: warmRung(fn).name }];
    return { slot: () => ({ release: () => holds, use: () => undefined }) };
  },
  ranking: () => new GreedyDualRanking(),
};

class GreedyDualRanking implements EvictionRanking {
  readonly #uses = new Map<string, number>();
  #clock = 0;

  used(fn: WarmFunction): number {
    const uses = (this.#uses.get(fn.id) ?? 0) + 1;
    this.#uses.set(fn.id, uses);
    const start = fn.rungs.at(-1)?.delaySeconds ?? 0;
    return this.#clock + (uses * start) / fn.memoryGb;
  }

  evicted(worth: number): void {
    this.#clock = Math.max(this.#clock, worth);
  }
}
