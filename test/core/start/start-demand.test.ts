import { StartDemand } from '../../../core/start/start-demand';

const NOW = 5_000;

test('what was not answered says nothing of what requests take', () => {
  // It has just ended its second request, and serves the third.
  const lease = { inFlight: 1, served: 2, movedAt: NOW };
  const demand = new StartDemand({ concurrency: 1, cores: () => 2 });
  demand.finished(lease, null, NOW);
  expect(demand.needed(10, [lease], 1_000, NOW)).toBe(10);
  demand.finished(lease, { cpuMicros: null }, NOW);
  expect(demand.needed(10, [lease], 1_000, NOW)).toBe(0);
});
