/** Requests of one function in each minute, the oldest first. */
export type Counts = ArrayLike<number>;

/** One way to forecast. It may win for some functions and be useless for others: the mixture decides by what came true. */
export interface Member {
  readonly name: string;
  /**
   * Expected requests in each of the next minutes: finite and not negative, whatever the history.
   * @param origin the first minute that is not known; `counts` may go on behind it and is not looked at there
   * @param horizon minutes ahead, at least 1
   */
  forecast(counts: Counts, origin: number, horizon: number): Float64Array;
}

/** More requests a minute than anything answers; squares of sums of it are still exact enough. */
const MOST = 1e12;

/** The counts of minutes in a row, each as `countAt` has it. */
export function countsFrom(counts: Counts, from: number, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => countAt(counts, from + i));
}

/**
 * The count of a minute: 0 before the first, since a function that did not exist yet had no requests, and for what is no
 * count (negative, no number), so that a damaged history gives a forecast of what is left of it.
 */
export function countAt(counts: Counts, minute: number): number {
  const count = minute >= 0 ? (counts[minute] as number) : 0;
  return count > 0 ? Math.min(count, MOST) : 0;
}
