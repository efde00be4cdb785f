const PICO_PER_MICRO = 1e6;
/** The last moments of a period are not worth all that is left: it is spread over a minute at least. */
const LEAST_SECONDS = 60;

/**
 * How fast a budget may be spent until its period ends, in micro-dollars a second, from 0: what nobody has asked for yet (warm
 * instances, replicas, moves) must not be dearer, or it alone would use up what is left.
 * @param limit and @param spent picodollars @param periodEnd and @param now Unix milliseconds
 */
export function allowancePerSecond(limit: bigint, spent: bigint, periodEnd: number, now: number): number {
  const left = limit - spent;
  if (left <= 0n) return 0;
  return Number(left) / PICO_PER_MICRO / Math.max(LEAST_SECONDS, (periodEnd - now) / 1000);
}
