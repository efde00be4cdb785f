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

/** The count of a minute, 0 before the first: a function that did not exist yet had no requests. */
export function countAt(counts: Counts, minute: number): number {
  return minute >= 0 ? (counts[minute] as number) : 0;
}
