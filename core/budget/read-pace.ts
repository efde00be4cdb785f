/** How often a gateway reads what was spent, milliseconds. */
export const [SHORTEST_READ_MS, LONGEST_READ_MS] = [250, 5_000] as const;
/** Part of the time that is left until something happens. */
const PART = 1 / 8;

/**
 * How long to wait before the spending is read anew: the sooner, the sooner the next mark is reached at this rate. At a mark that
 * the store does not show as reached yet, at once.
 * @param toMark picodollars until the next threshold or the limit; null: all are reached
 * @param perMs picodollars a millisecond, at all gateways together
 */
export function readPaceMs(toMark: bigint | null, perMs: number): number {
  if (toMark === null) return LONGEST_READ_MS;
  if (toMark <= 0n) return SHORTEST_READ_MS;
  if (perMs <= 0) return LONGEST_READ_MS;
  const leftMs = Number(toMark) / perMs;
  return Math.min(LONGEST_READ_MS, Math.max(SHORTEST_READ_MS, leftMs * PART));
}
