/** From so many picodollars on a percentage of a limit is reached: rounded up, so that it is never told of too early. */
export function markAt(percent: number, limit: bigint): bigint {
  return (limit * BigInt(percent) + 99n) / 100n;
}

/**
 * How far it is to the next mark that the store's figures do not show as reached, in picodollars; null: they show all as reached.
 * @param shown by the store @param spent as it is known here: 0 or less comes out where it has passed the mark already
 */
export function toNextMark(marks: readonly bigint[], shown: bigint, spent: bigint): bigint | null {
  let least: bigint | null = null;
  for (const mark of marks) if (mark > shown && (least === null || mark - spent < least)) least = mark - spent;
  return least;
}
