import { Histogram, type Registry } from 'prom-client';
import type { QueryEnd } from '../../drivers/store/query-end';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface StoreMetrics {
  /** Takes the end of a query; returns at once. */
  ended(end: QueryEnd): void;
  register(registry: Registry): void;
}

/** How long this gateway's queries take. The store is opened before there is a registry: it is given one later. */
export function createStoreMetrics(): StoreMetrics {
  const histogram = new Histogram({
    name: 'presage_store_query_duration_seconds',
    help: 'Time of queries to the database, by whether they succeeded.',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers: [],
  });
  return {
    ended: ({ ms, failed }) => histogram.observe({ outcome: failed ? 'failed' : 'ok' }, ms / 1000),
    register: (registry) => registry.registerMetric(histogram),
  };
}
