import { Registry } from 'prom-client';
import { PlatformError } from '../../../core/error/platform-error';
import { NodeStats } from '../../../gateway/metrics/node-stats';
import { registerWarmingMetrics } from '../../../gateway/metrics/warming-metrics';
import { FakeNode } from '../api/fake-ports';

test('figures of the store and of agents as metrics; what is away leaves the others', async () => {
  let now = 0;
  let away = false;
  const registry = new Registry();
  const node = new FakeNode();
  const figures = { decisions: 1, planSeconds: 2.5, targets: 3, capped: 4, unreachedNodes: 5 };
  const store = {
    warmingFigures: async () => {
      if (away) throw new PlatformError('unavailable', 'away');
      return figures;
    },
  };
  registerWarmingMetrics(registry, {
    store,
    nodeStats: new NodeStats(
      () => [node],
      () => now,
    ),
    now: () => now,
  });
  const ofStore = ['presage_warming_decisions_total 1', 'presage_warming_plan_seconds_total 2.5'];
  const ofAgents = [
    'presage_warming_held_gb_seconds_total{node="local",rung="frozen"} 20',
    'presage_warming_pings_total{node="local",outcome="ok"} 3',
  ];
  const first = await registry.metrics();
  for (const line of [...ofStore, ...ofAgents]) expect(first).toContain(line);
  away = true;
  node.away = true;
  now = 60_000;
  const second = await registry.metrics();
  for (const line of ofStore) expect(second).toContain(line);
  for (const line of ofAgents) expect(second).not.toContain(line);
});
