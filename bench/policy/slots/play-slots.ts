import type { Forecast } from '../../../core/forecast/forecast';
import type { FunctionPolicy, Hold, WarmFunction, WarmingPolicy } from '../../../core/warming/warming-policy';
import { poolHolds, poolSizes, withPool } from './pool-holds';
import type { PricedFunction, SlotFunction, SlotRests } from './slot-function';
import { OutcomeTally, type Scored, type SlotOutcome, type Tally } from './slot-outcome';

/** What is expected of a function in a minute, for policies that hold pools. */
export type Expectation = (fn: SlotFunction, minute: number) => Pick<Forecast, 'mean' | 'quantiles'>;

/**
 * Plays a policy over the rests of each slot of a function, once, and scores it over several stretches of time. A call whose
 * slot has no hold at that moment starts from the last rung. Further slots restore from the image that the first slot pays
 * for: while it rests on the last rung there is none.
 * @param expect null: policies with pools get no forecast, and hold none
 * @returns one outcome for each stretch
 */
export function playSlots(
  fn: SlotFunction,
  policy: WarmingPolicy,
  priced: PricedFunction,
  scored: readonly Scored[],
  expect: Expectation | null = null,
): SlotOutcome[] {
  const tallies = scored.map((stretch) => new OutcomeTally(stretch));
  tellSlots(fn, policy, priced, { tallies, until: Math.max(...scored.map(({ to }) => to)) }, expect);
  return tallies.map((tally) => tally.outcome(fn));
}

/** The same play, told to any tallies. @param told `until`: pools are held up to then, in seconds */
export function tellSlots(
  fn: SlotFunction,
  policy: WarmingPolicy,
  priced: PricedFunction,
  told: { readonly tallies: readonly Tally[]; readonly until: number },
  expect: Expectation | null = null,
): void {
  new SlotPlay(fn, priced, told.tallies, told.until).play(policy, expect);
}

class SlotPlay {
  /** When the first slot was on the last rung: begins and ends, rising. */
  readonly #gone: number[] = [];
  /** Whether anyone asks for it. */
  readonly #watched: boolean;

  constructor(
    private readonly fn: SlotFunction,
    private readonly priced: PricedFunction,
    private readonly tallies: readonly Tally[],
    private readonly end: number,
  ) {
    this.#watched = priced.first !== priced.further;
  }

  play(policy: WarmingPolicy, expect: Expectation | null): void {
    const { first, further } = this.priced;
    const own = policy.of(first);
    const others = further === first ? own : policy.of(further);
    const pools = own.pool && expect ? poolSizes(this.fn, own.pool.bind(own), expect) : null;
    this.fn.slots.forEach((rests, index) => {
      if (index === 0) this.#slot(rests, 0, own, first, pools);
      else this.#slot(rests, index, others, further, pools);
    });
  }

  #slot(
    { from, to }: SlotRests,
    index: number,
    own: FunctionPolicy,
    warm: WarmFunction,
    pools: Uint16Array | null,
  ): void {
    const slot = own.slot(index);
    for (let rest = 0; rest < from.length; rest++) {
      const begin = from[rest] as number;
      const end = to[rest] as number;
      // What was never used is held for the pool alone.
      const holds = begin < 0 ? [] : slot.release(begin);
      const since = Math.max(0, begin);
      const floor = pools ? poolHolds(pools, index, since, Math.min(end, this.end)) : [];
      const executeSeconds = (from[rest + 1] ?? end) - end;
      this.#rest(since, end, floor.length > 0 ? withPool(holds, floor) : holds, warm, index, executeSeconds);
      if (begin >= 0 && end < Infinity) slot.use(begin, end);
    }
  }

  #rest(
    begin: number,
    end: number,
    holds: readonly Hold[],
    { rungs }: WarmFunction,
    index: number,
    takes: number,
  ): void {
    const rest = end - begin;
    const last = rungs.length - 1;
    let found = last;
    let [on, until] = [0, 0];
    for (const hold of holds) {
      const rung = rungs.findIndex(({ name }) => name === hold.rung);
      const before = hold.from > until ? last : on;
      if (rest >= hold.from && rest <= hold.to) found = rung;
      const ahead = hold.from > 0 && rung < before ? (rungs[before]?.delaySeconds ?? 0) : 0;
      const price = rungs[rung]?.holding ?? 0;
      for (const tally of this.tallies) {
        tally.hold(begin + hold.from, Math.min(end, begin + hold.to), price, ahead, hold.rung);
      }
      if (this.#watched && index === 0 && hold.from > until)
        this.#gone.push(begin + until, Math.min(end, begin + hold.from));
      [on, until] = [rung, hold.to];
      if (hold.from > rest) break;
    }
    if (this.#watched && index === 0 && until < rest) this.#gone.push(begin + until, end);
    const { name = 'nothing', delaySeconds = 0 } = rungs[found] ?? {};
    const lost = index > 0 && name === 'local' && this.#imageGone(end);
    const delay = lost ? this.fn.coldSeconds : delaySeconds;
    for (const tally of this.tallies) tally.call(end, lost || name === 'nothing', delay, takes);
  }

  #imageGone(at: number): boolean {
    const gone = this.#gone;
    let low = 0;
    let high = gone.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((gone[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1;
  }
}
