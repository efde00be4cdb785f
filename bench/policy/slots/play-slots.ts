import type { Forecast } from '../../../core/forecast/forecast';
import type { Hold, RungName, WarmFunction, WarmingPolicy } from '../../../core/warming/warming-policy';
import type { SlotFunction } from './slot-function';

const MINUTE = 60;

/** Seconds that are scored. */
export interface Scored {
  readonly from: number;
  readonly to: number;
}

/** What a policy did for one function. */
export interface SlotOutcome {
  readonly id: string;
  readonly pattern: string;
  readonly calls: number;
  /** Calls that found their slot on the last rung, or never used before. */
  readonly cold: number;
  /** GB·s that rests were held, starts ahead of time included; for each rung but the last. */
  readonly heldGbSeconds: Readonly<Partial<Record<RungName, number>>>;
  /** Seconds that calls waited for their instance, over all calls. */
  readonly delaySeconds: number;
}

/** What is expected of a function in a minute, for policies that hold pools. */
export type Expectation = (fn: SlotFunction, minute: number) => Pick<Forecast, 'mean' | 'quantiles'> | null;

/**
 * Plays a policy over the rests of each slot. A call whose slot has no hold at that moment starts from the last rung.
 * @param priced the function with its rungs and prices
 * @param expect null: policies with pools get no forecast, and hold none
 */
export function playSlots(
  functions: readonly SlotFunction[],
  policy: WarmingPolicy,
  priced: (fn: SlotFunction) => WarmFunction,
  scored: Scored,
  expect: Expectation | null = null,
): SlotOutcome[] {
  return functions.map((fn) => new SlotPlay(fn, priced(fn), scored).play(policy, expect));
}

class SlotPlay {
  readonly #held: Partial<Record<RungName, number>> = {};
  #cold = 0;
  #delay = 0;
  #calls = 0;

  constructor(
    private readonly fn: SlotFunction,
    private readonly warm: WarmFunction,
    private readonly scored: Scored,
  ) {}

  play(policy: WarmingPolicy, expect: Expectation | null): SlotOutcome {
    const own = policy.of(this.warm);
    const pool = own.pool && expect ? this.#pools(own.pool.bind(own), expect) : null;
    this.fn.slots.forEach(({ from, to }, index) => {
      const slot = own.slot(index);
      for (let rest = 0; rest < from.length; rest++) {
        const begin = from[rest] as number;
        const end = to[rest] as number;
        if (begin < 0) this.#call(end, pool && inPool(pool, index, end) ? 0 : null);
        else {
          const holds = slot.release(begin);
          const floor = pool ? poolHolds(pool, index, begin, Math.min(end, this.scored.to)) : [];
          this.#rest(begin, end, floor.length > 0 ? union(holds, floor) : holds);
          if (end < Infinity) slot.use(begin, end);
        }
      }
    });
    const { id, pattern } = this.fn;
    return {
      id,
      pattern,
      calls: this.#calls,
      cold: this.#cold,
      heldGbSeconds: this.#held,
      delaySeconds: this.#delay,
    };
  }

  #rest(begin: number, end: number, holds: readonly Hold[]): void {
    const { from, to } = this.scored;
    const rest = end - begin;
    let found: RungName | null = null;
    for (const hold of holds) {
      if (rest >= hold.from && rest <= hold.to) found = hold.rung;
      const since = begin + hold.from;
      const until = Math.min(end, begin + hold.to, to);
      if (until > since && until > from) {
        const ahead = hold.from > 0 ? (this.warm.rungs.at(-1)?.delaySeconds ?? 0) : 0;
        const seconds = until - Math.max(since, from) + ahead;
        this.#held[hold.rung] = (this.#held[hold.rung] ?? 0) + seconds * this.fn.memoryGb;
      }
    }
    const rung = found === null ? null : this.warm.rungs.findIndex(({ name }) => name === found);
    this.#call(end, rung);
  }

  /** @param rung on which it found its slot; null for the last */
  #call(at: number, rung: number | null): void {
    if (at < this.scored.from || at >= this.scored.to) return;
    this.#calls++;
    if (rung === null) this.#cold++;
    this.#delay += this.warm.rungs.at(rung ?? -1)?.delaySeconds ?? 0;
  }

  #pools(pool: (forecast: Pick<Forecast, 'mean' | 'quantiles'>) => number, expect: Expectation): Uint16Array {
    const pools = new Uint16Array(this.fn.counts.length);
    for (let minute = 0; minute < pools.length; minute++) {
      const expected = expect(this.fn, minute);
      if (expected) pools[minute] = pool(expected);
    }
    return pools;
  }
}

function inPool(pools: Uint16Array, slot: number, at: number): boolean {
  return slot < (pools[Math.floor(at / MINUTE)] ?? 0);
}

/** The minutes of a rest in which the slot belongs to the pool, as holds. */
function poolHolds(pools: Uint16Array, slot: number, begin: number, end: number): Hold[] {
  const holds: Hold[] = [];
  let since: number | null = null;
  for (let minute = Math.floor(begin / MINUTE); minute * MINUTE < end; minute++) {
    const held = slot < (pools[minute] ?? 0);
    if (held) since ??= Math.max(0, minute * MINUTE - begin);
    else if (since !== null) {
      holds.push({ from: since, to: minute * MINUTE - begin, rung: 'running' });
      since = null;
    }
  }
  if (since !== null) holds.push({ from: since, to: Infinity, rung: 'running' });
  return holds;
}

/** Both kinds of holds as disjoint ones; all are of the same rung. */
function union(some: readonly Hold[], others: readonly Hold[]): Hold[] {
  const sorted = [...some, ...others].sort((a, b) => a.from - b.from);
  const joined: Hold[] = [];
  for (const hold of sorted) {
    const last = joined.at(-1);
    if (last && hold.from <= last.to) joined[joined.length - 1] = { ...last, to: Math.max(last.to, hold.to) };
    else joined.push(hold);
  }
  return joined;
}
