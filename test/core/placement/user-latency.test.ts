import { replicaGains, userLatency } from '../../../core/placement/user-latency';
import { fn, node, placementCase } from './placement-builder';

const users = [
  { region: 'east', callsPerHour: 95_000 },
  { region: 'west', callsPerHour: 5_000 },
];
const nodes = [node('east-1'), node('west-1', { region: 'west' })];
const problem = placementCase(nodes, [fn('f', { users, replicas: { min: 1, max: 2 } }), fn('g')]);

it('weighs each call', () => {
  expect(userLatency(problem, { f: ['east-1'], g: ['east-1'] })).toEqual({
    meanMs: expect.closeTo(9.75, 6),
    p50Ms: 5,
    p95Ms: 5,
    p99Ms: 100,
  });
  expect(userLatency(problem, { f: ['east-1'], g: ['east-1'] }, 'g')).toBeNull();
});

it('says what a replica buys', () => {
  expect(replicaGains(problem, { f: ['east-1'], g: ['east-1'] })).toEqual([]);
  const [gain] = replicaGains(problem, { f: ['east-1', 'west-1'], g: ['east-1'] });
  expect(gain).toMatchObject({ function: 'f', p99Ms: 5, singleP99Ms: 100, singleNode: 'east-1' });
  // 5,000 calls an hour 95 ms sooner at a cent a second, less a gigabyte of memory.
  expect(gain!.savesPerHour).toBeCloseTo(5_000 * 0.095 * 10_000 - problem.prices.gbHour, 0);
});
