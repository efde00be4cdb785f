import { Gauge, type Registry } from 'prom-client';
import type { CostStore } from '../../drivers/store/cost-store';
import { cached } from './cached';

/** Whether the ledger is what the records of calls come to, as its newest check has found. */
export function registerLedgerMetrics(
  registry: Registry,
  sources: { store: Pick<CostStore, 'latestLedgerCheck'>; now: () => number },
): void {
  const latest = cached(sources.now, () => sources.store.latestLedgerCheck());
  const gauge = (
    name: string,
    help: string,
    read: (check: NonNullable<Awaited<ReturnType<typeof latest>>>) => number,
  ) =>
    new Gauge({
      name,
      aggregator: 'max',
      help,
      registers: [registry],
      async collect() {
        const check = await latest();
        if (check) this.set(read(check));
      },
    });
  gauge(
    'presage_cost_ledger_mismatches',
    'Sums of a function, minute and component that differ from the records that they come from, in the newest check.',
    ({ differences }) => differences,
  );
  gauge(
    'presage_cost_ledger_unpriced_calls',
    'Records that name a price table which nobody has kept, in the newest check: such calls are not charged.',
    ({ unpriced }) => unpriced,
  );
  gauge(
    'presage_cost_ledger_checked_timestamp_seconds',
    'When the ledger was last checked, Unix time.',
    ({ at }) => at.getTime() / 1000,
  );
}
