import type { Pico } from './money';
import type { CostComponent, UnitPrices } from './price-table';

/** What a call costs, in the order in which its quantities and amounts are listed everywhere. */
export const CALL_COMPONENTS = [
  'request',
  'compute',
  'memory',
  'network',
  'impact',
] as const satisfies readonly CostComponent[];
export type CallComponent = (typeof CALL_COMPONENTS)[number];

/**
 * What the quantities of a record are to be divided by to get those that have a price: requests, microseconds of CPU,
 * byte-milliseconds, bytes, milliseconds of lateness.
 */
export const CALL_SCALES = [1, 1e6, 1e12, 1e9, 1e3] as const;

const PICO_PER_MICRO = 1_000_000;
/** 1,801 dollars: so much in each part is still exact as a number in all. */
const MOST = Math.floor(Number.MAX_SAFE_INTEGER / CALL_COMPONENTS.length);

/**
 * The amount of one part of a call, rounded to the nearest. A function measures its own CPU and may claim anything: no part
 * is worth more than 1,801 dollars, nor less than nothing.
 * @param used in the units of records @param scale see `CALL_SCALES` @param price micro-dollars a unit
 */
export function callAmount(used: number, scale: number, price: number): Pico {
  const pico = Math.round((used / scale) * price * PICO_PER_MICRO);
  return pico > 0 ? Math.min(pico, MOST) : 0;
}

/** What a gigabyte to the caller costs: nothing where it stays in its region. */
export function gigabytePrice(prices: UnitPrices, callerRegion: string | null, nodeRegion: string | null): number {
  if (callerRegion === null) return prices.internetGb;
  return callerRegion === nodeRegion ? 0 : prices.otherRegionGb;
}
