import { Registry } from 'prom-client';
import type { AsyncFigures } from '../../../drivers/async-queue/async-queue';
import { registerAsyncMetrics } from '../../../gateway/metrics/async-metrics';

test('tells what the queue holds, from figures that are not asked for at each scrape, and that outlast the database', async () => {
  const registry = new Registry();
  let now = 0;
  let asked = 0;
  let figures: AsyncFigures | null = {
    states: [{ tenant: 'acme', function: 'pay', state: 'dead', count: 2 }],
    oldestDueSeconds: 7.5,
  };
  const read = async (): Promise<AsyncFigures> => {
    asked++;
    if (!figures) throw new Error('away');
    return figures;
  };
  const metrics = registerAsyncMetrics(registry, { figures: read }, () => now);
  metrics.accepted('cron');
  const text = await registry.metrics();
  expect(text).toContain('presage_async_invocations{tenant="acme",function="pay",state="dead"} 2');
  expect(text).toContain('presage_async_accepted_total{origin="cron"} 1');
  expect(await registry.metrics()).toContain('presage_async_oldest_due_seconds 7.5');
  expect(asked).toBe(1);
  figures = null;
  now = 10_000;
  expect(await registry.metrics()).toContain('state="dead"} 2');
  expect(asked).toBe(2);
});
