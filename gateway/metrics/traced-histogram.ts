import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';

/** The last call of a bucket whose trace is kept, as `openMetricsText` tells it. */
export interface Exemplar {
  readonly labelSet: { readonly trace_id: string };
  readonly value: number;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface TracedHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Rising. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

/**
 * Seconds by start kind, with a trace to look at in each bucket. The client library keeps exemplars only in registries that
 * speak nothing but OpenMetrics; ours speaks both formats.
 */
export class TracedHistogram extends Histogram<'start'> {
  readonly #children = new Map<string, Histogram.Internal<'start'>>();
  /** By start kind and bound. */
  readonly #exemplars = new Map<string, Exemplar>();
  readonly #bounds: readonly number[];

  constructor({ name, help, buckets, registry }: TracedHistogramOptions) {
    super({ name, help, labelNames: ['start'], buckets: [...buckets], registers: [registry] });
    this.#bounds = buckets;
  }

  /** @param traceId of a call whose trace is kept; null for others */
  took(start: string, seconds: number, traceId: string | null): void {
    let child = this.#children.get(start);
    // Without a look-up by labels for each.
    if (!child) this.#children.set(start, (child = this.labels(start)));
    child.observe(seconds);
    if (traceId === null) return;
    const bound = this.#bounds.find((one) => seconds <= one) ?? '+Inf';
    const exemplar = { labelSet: { trace_id: traceId }, value: seconds, timestamp: Date.now() / 1000 };
    this.#exemplars.set(`${start} ${bound}`, exemplar);
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<'start'>>> {
    const found = await super.get();
    const values = found.values.map((value) => {
      const { start, le } = value.labels as { readonly start?: string; readonly le?: string | number };
      const exemplar = this.#exemplars.get(`${start} ${le}`);
      return exemplar ? { ...value, exemplar } : value;
    });
    return { ...found, values };
  }
}
