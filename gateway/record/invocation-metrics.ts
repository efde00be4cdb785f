import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { InvocationRecord } from '../../drivers/store/store';

/** Functions with labels of their own; those beyond share one, so that a tenant with many cannot fill the memory. */
const MAX_FUNCTIONS = 500;
const OTHER = { tenant: 'other', function: 'other' } as const;

const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const START_BUCKETS = [
  0.002, 0.005, 0.008, 0.012, 0.016, 0.02, 0.03, 0.04, 0.06, 0.09, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10,
];

/** Sources of the figures that are read when somebody asks. */
export interface InvocationGauges {
  /** Invocations that run or wait now. */
  readonly inFlight: () => number;
  readonly leases: () => number;
  /** Cold starts from runtimes that had been booted ahead. */
  readonly blankStarts: () => number;
  readonly recordsPending: () => number;
  readonly recordsDropped: () => number;
  readonly recordsSpooledBytes: () => number;
}

/** Prometheus metrics of the invocation path, in a registry of their own. */
export interface InvocationMetrics {
  readonly registry: Registry;
  /** Counts finished invocations; called in batches, away from the hot path. */
  observe(records: readonly InvocationRecord[]): void;
}

/** Makes the metrics; `gauges` are read at each scrape. */
export function createInvocationMetrics(gauges: InvocationGauges): InvocationMetrics {
  const registry = new Registry();
  const registers = [registry];
  const invocations = new Counter({
    name: 'presage_invocations_total',
    help: 'Invocations by function, start kind (none: no instance was reached) and class of the status code.',
    labelNames: ['tenant', 'function', 'start', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'presage_invocation_duration_seconds',
    help: 'From the arrival at the gateway to the last byte, by start kind.',
    labelNames: ['start'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const starts = new Histogram({
    name: 'presage_start_duration_seconds',
    help: 'What an invocation waited for its instance to start, by start kind.',
    labelNames: ['start'],
    buckets: START_BUCKETS,
    registers,
  });
  const causes = new Counter({
    name: 'presage_starts_total',
    help: 'Invocations that were not hot, by start kind and cause.',
    labelNames: ['start', 'cause'],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('presage_invocations_in_flight', 'Invocations that run or wait now.', gauges.inFlight);
  gauge('presage_gateway_leases', 'Instances that this gateway holds.', gauges.leases);
  gauge('presage_records_pending', 'Invocation records in memory that wait for the store.', gauges.recordsPending);
  gauge('presage_records_spooled_bytes', 'Records on the disk that wait for the store.', gauges.recordsSpooledBytes);
  const total = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  total(
    'presage_blank_starts_total',
    'Cold starts, part of presage_starts_total, from a runtime that had been booted ahead.',
    gauges.blankStarts,
  );
  total(
    'presage_records_dropped_total',
    'Invocation records lost because the store was away for too long.',
    gauges.recordsDropped,
  );

  const known = new Set<string>();
  const labelsOf = (record: InvocationRecord): { tenant: string; function: string } => {
    if (!known.has(record.functionId)) {
      if (known.size >= MAX_FUNCTIONS) return OTHER;
      known.add(record.functionId);
    }
    return { tenant: record.tenant, function: record.function };
  };

  const durationByStart = new Map<string, Histogram.Internal<'start'>>();
  const durationsOf = (start: string): Histogram.Internal<'start'> => {
    let child = durationByStart.get(start);
    if (!child) durationByStart.set(start, (child = durations.labels(start)));
    return child;
  };

  return {
    registry,
    observe(records) {
      // A look-up by labels costs more than all else here: one for each kind of record in the batch.
      const counted = new Map<string, { labels: Record<string, string>; count: number }>();
      for (const record of records) {
        const start = record.kind ?? 'none';
        const code = `${Math.floor(record.status / 100)}xx`;
        const key = `${record.functionId} ${start} ${code}`;
        const same = counted.get(key);
        if (same) same.count++;
        else counted.set(key, { labels: { ...labelsOf(record), start, code }, count: 1 });
        durationsOf(start).observe(record.totalMs / 1000);
        if (record.kind === null || record.kind === 'hot') continue;
        starts.observe({ start }, record.startMs / 1000);
        causes.inc({ start, cause: record.cause ?? 'none' });
      }
      for (const { labels, count } of counted.values()) invocations.inc(labels, count);
    },
  };
}
