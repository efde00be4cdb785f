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
import { paperGateway } from './paper-gateway';

/** A metric as its process declares it. */
export interface KnownMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly labels: readonly string[];
}

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
  createSharedLimits({ redis: {} as never }, 'none', { writeEvents: async () => undefined }, {} as never).measure(
    gateway,
  );
  registerSpendMetrics(gateway, { budgets: [] }, zero);
  new CostCounts().register(gateway);
  const api = await paperGateway(gateway);
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
    const { name, help, type, labelNames } = metric as unknown as Omit<KnownMetric, 'labels'> & {
      labelNames: readonly string[];
    };
    return [name, { name, help, type, labels: labelNames }];
  });
}
