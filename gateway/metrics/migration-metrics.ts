import { Counter, type Registry } from 'prom-client';
import { MIGRATION_SECONDS, type PlacementStore } from '../../drivers/store/placement-store';
import { cached } from './cached';
import { registerStoredHistogram } from './stored-histogram';

/** Metrics of migrations, of what the store knows of all of them: the control worker that ran one may be gone. */
export function registerMigrationMetrics(
  registry: Registry,
  store: Pick<PlacementStore, 'migrationFigures'>,
  now: () => number,
): void {
  const figures = cached(now, () => store.migrationFigures());
  new Counter({
    name: 'presage_migrations_total',
    // All gateways read the same figures.
    aggregator: 'max',
    help: 'Migrations that have ended, by how.',
    labelNames: ['outcome'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { outcome, count } of (await figures()) ?? []) this.inc({ outcome }, count);
    },
  });
  const duration = {
    name: 'presage_migration_duration_seconds',
    help: 'What migrations took, by how they ended.',
    labelNames: ['outcome'],
    bounds: MIGRATION_SECONDS,
  };
  registerStoredHistogram(registry, duration, async () =>
    ((await figures()) ?? []).map(({ outcome, count, seconds, buckets }) => {
      return { labels: { outcome }, count, sum: seconds, buckets };
    }),
  );
}
