import { Gauge, type Registry } from 'prom-client';
import type { ReadinessProbe } from '../api/readiness';

const DEPENDENCIES = ['store', 'temporal'] as const;

/** Whether what the platform stands on answers, as `/readyz` sees it. */
export function registerDependencyMetrics(registry: Registry, probe: Pick<ReadinessProbe, 'readiness'>): void {
  new Gauge({
    name: 'presage_dependency_up',
    // One gateway that does not reach it is enough to look.
    aggregator: 'min',
    help: 'Does the database (store), does Temporal answer this gateway?',
    labelNames: ['dependency'],
    registers: [registry],
    async collect() {
      const { checks } = await probe.readiness();
      for (const dependency of DEPENDENCIES) {
        const check = checks.find(({ name }) => name === dependency);
        if (check) this.set({ dependency }, check.ok ? 1 : 0);
      }
    },
  });
}
