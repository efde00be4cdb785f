import type { Registry } from 'prom-client';
import { KubernetesCalls } from '../../drivers/kubernetes/rest/kubernetes-calls';
import { registerAdmissionMetrics } from '../../gateway/admission/admission-metrics';
import { registerSpendMetrics } from '../../gateway/budget/spend-metrics';
import { registerAsyncMetrics } from '../../gateway/metrics/async-metrics';
import { createStoreMetrics } from '../../gateway/metrics/store-metrics';
import { CostCounts } from '../../gateway/record/cost-counts';
import { createInvocationMetrics } from '../../gateway/record/invocation-metrics';
import { createSharedLimits } from '../../workers/gateway/shared-limits';
import { processMetrics } from '../../workers/process-metrics';
import { makeHarness } from '../gateway/api/api-harness';

/** A metric as its process declares it. */
export interface KnownMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly labels: readonly string[];
}

/** What Prometheus adds to whatever it scrapes, and the end of a bucket. */
export const COMMON_LABELS: readonly string[] = ['job', 'instance', 'le'];

/** Every metric that a process of the platform serves: those of the processes' own registries, without their values. */
export async function knownMetrics(): Promise<ReadonlyMap<string, KnownMetric>> {
  const zero = (): number => 0;
  const invocations = createInvocationMetrics({
    ...{ inFlight: zero, leases: zero, blankStarts: zero },
    ...{ recordsPending: zero, recordsDropped: zero, recordsSpooledBytes: zero },
  });
  const gateway = invocations.registry;
  registerAsyncMetrics(gateway, { figures: async () => ({ states: [], oldestDueSeconds: 0 }) }, zero);
  const shed = { queue_full: 0, overload: 0, pushed_out: 0, deadline: 0 };
  const admission = { inFlight: 0, queued: 0, shed };
  const rates = { limited: { tenant: 0, key: 0 } };
  registerAdmissionMetrics(gateway, { admission, rates, connectionsRefused: zero });
  createStoreMetrics().register(gateway);
  createSharedLimits({ redis: {} as never }, 'test', { writeEvents: async () => undefined }, {} as never).measure(
    gateway,
  );
  registerSpendMetrics(gateway, { budgets: [] }, zero);
  new CostCounts().register(gateway);
  const api = await makeHarness({ metrics: gateway });
  const control = processMetrics('control');
  new KubernetesCalls(control);
  try {
    return new Map([...namedIn(gateway), ...namedIn(control)]);
  } finally {
    await api.close();
  }
}

function namedIn(registry: Registry): [string, KnownMetric][] {
  return registry.getMetricsAsArray().map((metric) => {
    const { name, type, labelNames } = metric as unknown as KnownMetric & { labelNames: readonly string[] };
    return [name, { name, type, labels: labelNames }];
  });
}

/** Names in an expression of PromQL, labels and functions left out: those that the platform or its processes could have. */
export function namesIn(expr: string): readonly string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '""').replaceAll(/\b(by|on|without)\s*\([^)]*\)/g, '');
  return [...new Set(bare.match(/\b(presage[a-z0-9_:]*|process_[a-z0-9_]+|nodejs_[a-z0-9_]+)/g) ?? [])];
}

/** The metric behind a series of PromQL; undefined for none. */
export function metricOf(series: string, known: ReadonlyMap<string, KnownMetric>): KnownMetric | undefined {
  const exact = known.get(series);
  if (exact) return exact;
  const base = known.get(series.replace(/_(bucket|sum|count)$/, ''));
  return base?.type === 'histogram' || base?.type === 'summary' ? base : undefined;
}

/** Labels that selectors, groupings and legends of an expression name, with the series that each is named of; '' where that is open. */
export function labelsIn(expr: string): readonly (readonly [series: string, label: string])[] {
  const selected = [...expr.matchAll(/([a-z][a-z0-9_:]*)\{([^}]*)\}/g)].flatMap(([, series = '', inside = '']) =>
    [...inside.matchAll(/([a-z_]+)\s*(=~|!~|!=|=)/g)].map(([, label = '']) => [series, label] as const),
  );
  const grouped = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => ['', label.trim()] as const),
  );
  return [...selected, ...grouped];
}
