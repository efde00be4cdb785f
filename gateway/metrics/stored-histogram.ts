import type { Metric, Registry } from 'prom-client';

/** One series of a histogram that others have counted. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
  readonly sum: number;
  /** Those at or below each bound; the bounds are the histogram's. */
  readonly buckets: readonly number[];
}

export interface StoredHistogram {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Of the buckets, rising; the last one, without a bound, is the count. */
  readonly bounds: readonly number[];
}

/**
 * A histogram of figures that another process has left in the store. One of the client library cannot be set to what others
 * have counted, so this one only looks like it where the registry asks.
 */
export function registerStoredHistogram(
  registry: Registry,
  { name, help, labelNames, bounds }: StoredHistogram,
  series: () => Promise<readonly StoredSeries[]>,
): void {
  const metric = {
    name,
    help,
    type: 'histogram',
    labelNames,
    // All gateways read the same figures.
    aggregator: 'max',
    reset: () => undefined,
    get: async () => ({
      name,
      help,
      type: 'histogram',
      aggregator: 'max',
      values: (await series()).flatMap(({ labels, count, sum, buckets }) => [
        ...bounds.map((le, index) => ({
          labels: { ...labels, le: String(le) },
          value: buckets[index] ?? 0,
          metricName: `${name}_bucket`,
        })),
        { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` },
        { labels: { ...labels }, value: sum, metricName: `${name}_sum` },
        { labels: { ...labels }, value: count, metricName: `${name}_count` },
      ]),
    }),
  };
  registry.registerMetric(metric as unknown as Metric);
}
