import { Registry } from 'prom-client';
import type { LedgerCheck } from '../../../drivers/store/cost-store';
import { registerLedgerMetrics } from '../../../gateway/metrics/ledger-metrics';

test('the newest check of the ledger as metrics; none before there is one', async () => {
  let [now, latest] = [0, null as LedgerCheck | null];
  const registry = new Registry();
  registerLedgerMetrics(registry, { store: { latestLedgerCheck: async () => latest }, now: () => now });
  expect(await registry.metrics()).not.toMatch(/^presage_cost_ledger_checked_timestamp_seconds [1-9]/m);
  const span = { from: new Date(0), to: new Date(1) };
  latest = { id: 'a', at: new Date(5_000), tenant: null, ...span, calls: 9, sums: 8, differences: 7, unpriced: 6 };
  now = 60_000;
  const text = await registry.metrics();
  for (const line of ['mismatches 7', 'unpriced_calls 6', 'checked_timestamp_seconds 5']) {
    expect(text).toContain(`presage_cost_ledger_${line}\n`);
  }
});
