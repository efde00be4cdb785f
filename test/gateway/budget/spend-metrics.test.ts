import { Registry } from 'prom-client';
import { registerSpendMetrics } from '../../../gateway/budget/spend-metrics';
import { routeOf, SpendWorld } from './spend-world';

beforeEach(() => void jest.useFakeTimers({ now: Date.UTC(2026, 4, 15) }));
afterEach(() => void jest.useRealTimers());

test('what is counted, how old the last look is, and who was turned away', async () => {
  const world = new SpendWorld();
  world.setBudget({ limit: '0.000002' });
  world.spent.set('a-id', 1_500_000n);
  const gateway = await world.gateway(routeOf('a'));
  gateway.call(1_000_000);
  gateway.call(1_000_000);
  await jest.advanceTimersByTimeAsync(100);
  const registry = new Registry();
  const { lookedAt = 0 } = [...gateway.book.budgets][0] ?? {};
  registerSpendMetrics(registry, gateway.book, () => (lookedAt ?? 0) + 2_000);
  const text = await registry.metrics();
  expect(text).toContain('presage_budget_counted_dollars{tenant="acme",budget="all"} 0.0000025');
  expect(text).toContain('presage_budget_read_age_seconds{tenant="acme",budget="all"} 2');
  expect(text).toContain('presage_budget_refused_total{tenant="acme",budget="all",reason="exhausted"} 1');
  expect(text).toContain('presage_budget_refused_total{tenant="acme",budget="all",reason="queue"} 0');
  await gateway.close();
});
