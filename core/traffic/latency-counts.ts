/** How many calls took about so long: a key `k` stands for 2^(k/4) ms, so that what is read from it is right within 9 %. */
export type LatencyCounts = Readonly<Record<string, number>>;

/** Steps of one doubling. */
export const LATENCY_STEPS = 4;
/** Below it latencies are one; milliseconds. */
export const LEAST_LATENCY_MS = 0.1;

/** The step at which a latency is counted; its text is the key. @param ms from 0 on */
export function latencyStep(ms: number): number {
  return Math.round(LATENCY_STEPS * Math.log2(Math.max(ms, LEAST_LATENCY_MS)));
}

/** The key under which a latency is counted. @param ms from 0 on */
export function latencyKey(ms: number): string {
  return String(latencyStep(ms));
}

/**
 * The latency in milliseconds that the share of calls stays within; null where none was counted.
 * @param share above 0, up to 1
 */
export function latencyQuantile(counts: LatencyCounts, share: number): number | null {
  const steps = Object.entries(counts).map(([key, count]): [number, number] => [Number(key), count]).sort(([a], [b]) => a - b); // prettier-ignore
  const rank = share * steps.reduce((sum, [, count]) => sum + count, 0);
  if (rank === 0) return null;
  let seen = 0;
  for (const [step, count] of steps) {
    seen += count;
    // A sum of shares may come out a hair below what it stands for.
    if (seen >= rank - 1e-9) return 2 ** (step / LATENCY_STEPS);
  }
  return null;
}

/** The share of calls that were counted at no more than so many milliseconds; null where none was counted. */
export function shareWithin(counts: LatencyCounts, ms: number): number | null {
  let [within, all] = [0, 0];
  for (const [key, count] of Object.entries(counts)) {
    all += count;
    if (2 ** (Number(key) / LATENCY_STEPS) <= ms) within += count;
  }
  return all === 0 ? null : within / all;
}

/** Two counts as one. */
export function addLatencies(a: LatencyCounts, b: LatencyCounts): LatencyCounts {
  const sum: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
