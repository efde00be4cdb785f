import { UpstreamPool } from '../../../gateway/upstream/upstream-pool';
import { Lease } from '../../../gateway/invocation/lease';
import { StartDemand } from '../../../gateway/invocation/start-demand';

const endpoint = { kind: 'unix', path: '/nowhere' } as const;

/** An instance that has just ended its second request, and serves the third. */
function busyLease(): Lease {
  const holder = {
    node: 'local',
    connected: true,
    ended: () => undefined,
    parked: () => undefined,
    wake: () => Promise.reject(new Error('nothing is parked')),
  };
  const reply = { instanceId: 'i1', endpoint, lingerMs: 1_000 };
  const lease = new Lease(holder, reply, 1, new UpstreamPool(endpoint), false);
  lease.inFlight = 1;
  lease.served = 2;
  lease.movedAt = performance.now();
  return lease;
}

test('what was not answered says nothing of what requests take', () => {
  const lease = busyLease();
  const demand = new StartDemand({ concurrency: 1, cores: () => 2 });
  demand.finished(lease, null);
  expect(demand.needed(10, [lease], 1_000)).toBe(10);
  demand.finished(lease, { cpuMicros: null });
  expect(demand.needed(10, [lease], 1_000)).toBe(0);
});
