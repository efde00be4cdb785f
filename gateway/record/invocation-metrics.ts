import { Counter, Gauge, Registry } from 'prom-client';
import type { InvocationRecord } from '../../drivers/store/store';
import { TracedHistogram } from '../metrics/traced-histogram';
import { InvocationCounts } from './invocation-counts';

/** One bound is the 200 ms of the latency objective (deploy/chart/prometheus). */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30, 60];
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
  /** Can the trace of that invocation be looked at? Then its latency is an exemplar; absent: none can. */
  readonly traced?: ((invocationId: string) => boolean) | undefined;
}

/** Prometheus metrics of the invocation path, in a registry of their own. */
export interface InvocationMetrics {
  readonly registry: Registry;
  /** Counts a finished invocation. */
  observe(record: InvocationRecord): void;
}

/** Makes the metrics; `gauges` are read at each scrape. */
export function createInvocationMetrics(gauges: InvocationGauges): InvocationMetrics {
  const registry = new Registry();
  const registers = [registry];
  const counts = new InvocationCounts();
  new Counter({
    name: 'presage_invocations_total',
    help: 'Invocations by function, start kind (none: no instance was reached) and class of the status code.',
    labelNames: ['tenant', 'function', 'start', 'code'],
    registers,
    collect() {
      counts.drain((labels, count) => this.inc(labels, count));
    },
  });
  const durations = new TracedHistogram({
    name: 'presage_invocation_duration_seconds',
    help: 'From the arrival at the gateway to the last byte, by start kind.',
    buckets: DURATION_BUCKETS,
    registry,
  });
  const starts = new TracedHistogram({
    name: 'presage_start_duration_seconds',
    help: 'What an invocation waited for its instance to start, by start kind.',
    buckets: START_BUCKETS,
    registry,
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

  return {
    registry,
    observe(record) {
      counts.add(record);
      const { kind, traceId } = record;
      const start = kind ?? 'none';
      const kept = traceId !== null && gauges.traced?.(record.id) ? traceId : null;
      durations.took(start, record.totalMs / 1000, kept);
      if (kind === null || kind === 'hot') return;
      starts.took(start, record.startMs / 1000, kept);
      causes.inc({ start, cause: record.cause ?? 'none' });
    },
  };
}
