import { checkPlacementCase } from '../../../core/placement/check-placement-case';
import { solvePlacement } from '../../../core/placement/solve-placement';
import { placementCaseOf } from '../../../core/plan/placement-case-of';
import { settings, snapshotFunction, snapshotNode, snapshotOf } from './plan-builder';

const users = (calls: number, region = 'eu', name = 'acme/pay') => ({
  function: name,
  region,
  calls,
  bytes: calls * 1000,
});

test('a case holds what was measured, by the hour', () => {
  const snapshot = snapshotOf({
    hours: 2,
    functions: [
      snapshotFunction('acme/pay', { load: { calls: 7_200, executeMs: 72_000, cpuMicros: 36_000_000 } }, {
        data: [{ name: 'books', region: 'us', bytesPerCall: 500 }],
        tier: { prefer: 'edge', allow: ['edge', 'central'] },
      }),
      snapshotFunction('acme/cart', { nodes: [], load: { calls: 10, executeMs: 50, cpuMicros: 1 } }),
    ],
    users: [users(7_000), users(100, 'us')],
    calls: [
      { from: 'acme/cart', to: 'acme/pay', calls: 100, bytes: 5_000 },
      { from: 'acme/cart', to: 'acme/cart', calls: 3, bytes: 0 },
      { from: 'acme/gone', to: 'acme/pay', calls: 3, bytes: 0 },
    ],
  }); // prettier-ignore
  const { problem, notes } = placementCaseOf(snapshot, settings);
  checkPlacementCase(problem);
  expect(notes).toEqual([]);
  expect(problem).toMatchObject({
    regions: ['eu', 'us'],
    nodes: [
      { name: 'edge-1', priceFactor: 2, state: 'ready' },
      { name: 'central-1', priceFactor: 1 },
    ],
    calls: [{ from: 'acme/cart', to: 'acme/pay', callsPerHour: 50, bytesPerCall: 50 }],
    regionMs: [
      [4, 80],
      [80, 4],
    ],
    nodeMs: [
      [0, 80],
      [80, 0],
    ],
    weights: { user: 1 },
  });
  const [pay, cart] = problem.functions;
  expect(pay).toMatchObject({
    users: [
      { region: 'eu', callsPerHour: 3_500 },
      { region: 'us', callsPerHour: 50 },
    ],
    bytesPerCall: 1_000,
    data: [{ region: 'us', tripsPerCall: 1, bytesPerCall: 500 }],
    // A call a second with 5 ms of CPU.
    cpuMillis: 5,
    instances: 1,
    memoryBytes: 256 * 2 ** 20,
    tiers: ['edge', 'central'],
    preferTier: 'edge',
    replicas: { min: 1, max: 1 },
    current: { nodes: ['central-1'], secondsSinceMove: null },
    move: { bytes: 20e6 },
  });
  expect(cart).toMatchObject({ current: null, users: [], bytesPerCall: 0 });
});

test('what is expected finds room, although costs go by the past', () => {
  const calm = snapshotFunction('acme/pay');
  const rising = { ...calm, expectedPerHour: 360_000 };
  const made = [calm, rising].map((fn) =>
    placementCaseOf(snapshotOf({ functions: [fn], users: [users(3_600)] }), settings),
  );
  const [before, after] = made.map(({ problem }) => problem.functions[0]);
  expect(after?.users).toEqual(before?.users);
  expect([before?.instances, before?.cpuMillis]).toEqual([1, 5]);
  // A hundred a second, each for 10 ms: one is busy on the mean, and two more by chance.
  expect([after?.instances, after?.cpuMillis]).toEqual([3, 500]);
});

test('the time that a function takes itself is not left for the way', () => {
  const spec = { sla: { latencyMs: 50, percentile: 95 }, placement: { regions: ['eu'], maxReplicas: 2 } };
  const snapshot = snapshotOf({ functions: [snapshotFunction('acme/pay', {}, spec)], users: [users(3_600)] });
  expect(placementCaseOf(snapshot, settings).problem.functions[0]).toMatchObject({
    sla: { percentile: 95, ms: 40 },
    regions: ['eu'],
    replicas: { min: 1, max: 2 },
  });
  const usual = snapshotFunction('acme/pay', {}, { sla: { latencyMs: 50, percentile: 95 } });
  expect(placementCaseOf(snapshotOf({ functions: [usual] }), settings).problem.functions[0]?.replicas.max).toBe(3);
  const slow = snapshotFunction('acme/slow', {}, { sla: { latencyMs: 10 } });
  const { problem, notes } = placementCaseOf(snapshotOf({ functions: [slow] }), settings);
  expect(problem.functions[0]?.sla).toBeNull();
  expect(notes).toEqual([expect.stringContaining('acme/slow takes longer by itself')]);
});

test('what nobody calls and nobody has placed is left out, and so are nodes that were never heard of', () => {
  const idle = snapshotFunction('acme/idle', { nodes: [], load: { calls: 0, executeMs: 0, cpuMicros: 0 } });
  const kept = { ...idle, id: 'acme/kept', nodes: ['edge-1'] };
  const nodes = [
    snapshotNode('edge-1', 'eu', 'edge'),
    { ...snapshotNode('central-1', 'us'), state: 'drained' as const },
    { ...snapshotNode('edge-2', 'eu'), capacity: null },
  ];
  const { problem, notes } = placementCaseOf(snapshotOf({ nodes, functions: [idle, kept] }), settings);
  expect(problem.functions.map(({ id }) => id)).toEqual(['acme/kept']);
  expect(problem.nodes.map(({ name, state }) => [name, state])).toEqual([
    ['edge-1', 'ready'],
    ['central-1', 'draining'],
  ]);
  expect(notes).toEqual([
    'edge-2 was never heard of',
    '1 function(s) that nobody called are placed nowhere, and stay so',
  ]);
});

test('what a line carries bounds what is placed behind it', () => {
  // 7,000 calls of 1,000 bytes in an hour are some 1,950 bytes a second.
  const behind = (bandwidthBytesPerSecond: number): string => {
    const nodes = [
      { ...snapshotNode('edge-1', 'eu', 'edge'), bandwidthBytesPerSecond },
      snapshotNode('central-1', 'us'),
    ];
    const { problem } = placementCaseOf(
      snapshotOf({ nodes, functions: [snapshotFunction('acme/pay')], users: [users(7_000)] }),
      settings,
    );
    checkPlacementCase(problem);
    return solvePlacement(problem).placement['acme/pay']?.join() ?? '';
  };
  expect(behind(2_000)).toBe('edge-1');
  expect(behind(1_900)).toBe('central-1');
});
