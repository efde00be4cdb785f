import type { FunctionPolicy, Hold } from '../../../core/warming/warming-policy';
import type { Expectation } from './play-slots';
import type { SlotFunction } from './slot-function';

const MINUTE = 60;

/** Instances that a policy holds in each minute, from what is expected of it. */
export function poolSizes(
  fn: SlotFunction,
  pool: NonNullable<FunctionPolicy['pool']>,
  expect: Expectation,
): Uint16Array {
  return Uint16Array.from(fn.counts, (_, minute) => pool(expect(fn, minute)));
}

/** The minutes of a rest in which the slot belongs to the pool, as holds. */
export function poolHolds(pools: Uint16Array, slot: number, begin: number, end: number): Hold[] {
  const holds: Hold[] = [];
  let since: number | null = null;
  for (let minute = Math.floor(begin / MINUTE); minute * MINUTE <= end && minute < pools.length; minute++) {
    const held = slot < (pools[minute] as number);
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
export function withPool(holds: readonly Hold[], pool: readonly Hold[]): Hold[] {
  const joined: Hold[] = [];
  for (const hold of [...holds, ...pool].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && hold.from <= last.to) joined[joined.length - 1] = { ...last, to: Math.max(last.to, hold.to) };
    else joined.push(hold);
  }
  return joined;
}
