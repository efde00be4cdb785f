import { seedPoolSize } from './seed-pool';

/** One function's last minutes, as recorded. */
export interface FunctionTraffic {
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly revisionId: string;
  /** Requests and the sum of their execution times over the window. */
  readonly requests: number;
  readonly executeMs: number;
  readonly concurrency: number;
  readonly min: number;
  readonly max: number;
  readonly keepAliveMs: number;
}

/** What the agents are asked to hold for a revision. */
export interface PoolTarget {
  readonly functionId: string;
  readonly tenant: string;
  readonly function: string;
  readonly revision: number;
  readonly revisionId: string;
  readonly running: number;
  readonly frozen: number;
  readonly keepAliveMs: number;
  /** Arrivals per second that the decision rests on. */
  readonly expectedRate: number;
  /** For people: why this number. */
  readonly reason: string;
}

/** Shortest execution time that the formula counts with; below it one instance serves any rate it will see. */
const SHORTEST_EXECUTION_SECONDS = 0.001;

/** Targets for every function, from the traffic of the last `windowSeconds`. Pure: equal input, equal plan. */
export function planPools(
  traffic: readonly FunctionTraffic[],
  windowSeconds: number,
  bufferFactor: number,
): PoolTarget[] {
  return traffic.map((item) => {
    const expectedRate = windowSeconds > 0 ? item.requests / windowSeconds : 0;
    const meanExecutionSeconds =
      item.requests > 0 ? Math.max(SHORTEST_EXECUTION_SECONDS, item.executeMs / item.requests / 1000) : 0;
    const frozen = seedPoolSize({ ...item, ratePerSecond: expectedRate, meanExecutionSeconds }, bufferFactor);
    const { functionId, tenant, revision, revisionId, keepAliveMs } = item;
    const reason = `${expectedRate.toFixed(3)}/s × ${meanExecutionSeconds.toFixed(3)} s × ${bufferFactor}, within ${item.min}–${item.max}`;
    return {
      functionId,
      tenant,
      function: item.function,
      revision,
      revisionId,
      running: 0,
      frozen,
      keepAliveMs,
      expectedRate,
      reason,
    };
  });
}
