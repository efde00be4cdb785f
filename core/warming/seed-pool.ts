/** What the pool formula needs to know of one function. */
export interface PoolDemand {
  /** Arrivals per second expected. */
  readonly ratePerSecond: number;
  /** Mean time one request occupies an instance, seconds. */
  readonly meanExecutionSeconds: number;
  /** Requests one instance serves at once, at least 1. */
  readonly concurrency: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Instances to keep ready: rate × mean execution time × buffer, rounded up, within min and max; a function with any
 * expected traffic gets at least one. Absurd input (negative, NaN, infinite) counts as no demand.
 * Formula: the pool size of the project's founding document, divided by the concurrency of an instance.
 */
export function seedPoolSize(demand: PoolDemand, bufferFactor: number): number {
  const busy = demand.ratePerSecond * demand.meanExecutionSeconds * bufferFactor;
  const wanted = Number.isFinite(busy) && busy > 0 ? Math.max(1, Math.ceil(busy / Math.max(1, demand.concurrency))) : 0;
  return Math.min(demand.max, Math.max(demand.min, wanted));
}
