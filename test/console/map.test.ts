import type { NodeView, PlanView, StatusView, TrafficMapView } from '../../console/src/lib/answers';
import { layoutMap, type Box } from '../../console/src/pages/nodes/map-layout';
import { mapModel, planMaps } from '../../console/src/pages/nodes/map-model';

type Node = StatusView['nodes'][number];
const node = (name: string, tier: Node['tier'], change: Partial<Node> = {}): Node => ({
  ...{ name, tier, region: 'eu', state: 'ready', reachable: true, driver: 'process', draining: false },
  ...{ instances: {}, memory: { capacityBytes: 1000, committedBytes: 250 } },
  ...change,
});
const placed = (name: string, nodes: Record<string, number>) => ({
  ...{ function: name, generation: 1, changedBy: null, updatedAt: null },
  nodes: Object.entries(nodes).map(([on, weight]) => ({ node: on, weight, instances: 2 })),
});
const measured = { asyncCalls: 0, bytesIn: 0, bytesOut: 0, p50Ms: 1, p99Ms: 9 };
const traffic: TrafficMapView = {
  ...{ from: '', to: '' },
  users: [
    { function: 'shop', region: 'us', calls: 900, ...measured },
    { function: 'shop', region: 'asia', calls: 0, ...measured },
  ],
  calls: [{ caller: 'shop', function: 'pay', calls: 30, ...measured }],
};
const status = {
  nodes: [
    node('central-1', 'central', { memory: null }),
    node('edge-2', 'edge', { reachable: false }),
    node('edge-1', 'edge'),
  ],
};
const placements = [
  placed('shop', { 'edge-1': 30, 'central-1': 70 }),
  placed('pay', { 'edge-1': 100 }),
  placed('rest', {}),
];
const model = mapModel(status, null, placements, traffic);

test('nodes stand by tier from the users inwards, with load, functions and who calls', () => {
  expect(model.nodes.map(({ name, state, load }) => [name, state, load])).toEqual([
    ['edge-1', 'ready', 0.25],
    ['edge-2', 'unreachable', 0.25],
    ['central-1', 'ready', null],
  ]);
  expect(model.nodes[0]?.functions).toEqual([
    { function: 'shop', weight: 30, instances: 2, change: 'stays' },
    { function: 'pay', weight: 100, instances: 2, change: 'stays' },
  ]);
  expect(model.regions).toEqual(['us']);
  expect(model.fromUsers).toEqual([{ from: 'us', to: 'shop', calls: 900, p99Ms: 9 }]);
  expect(model.betweenFunctions).toEqual([{ from: 'shop', to: 'pay', calls: 30, p99Ms: 9 }]);
  expect(model.nowhere).toEqual(['rest']);
});

test('the capacity of a node comes from its record, where one may be seen', () => {
  const record: NodeView = {
    ...{ name: 'central-1', tier: 'central', region: 'eu', state: 'ready', decided: 'ready', reason: null, labels: {} },
    ...{ address: null, lastSeenAt: null, registeredAt: null },
    capacity: { memoryBytes: 4096, cpuMillis: 2000, slots: 50 },
  };
  const shown = mapModel(status, [record], [], undefined);
  expect(shown.nodes.at(-1)).toMatchObject({ memoryBytes: 4096, cpuMillis: 2000, slots: 50 });
});

const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
const apart = (a: Box, b: Box): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

test('however many nodes and functions there are, nothing lies on another, and all within the map', () => {
  const many = Array.from({ length: 23 }, (_, index) =>
    node(`n-${index}`, index % 3 === 0 ? 'edge' : index % 3 === 1 ? 'regional' : 'central'),
  );
  const functions = Array.from({ length: 40 }, (_, index) => placed(`f-${index}`, { [`n-${index % 4}`]: 100 }));
  const laid = layoutMap(mapModel({ nodes: many }, null, functions, undefined));
  const whole = { x: 0, y: 0, width: laid.width, height: laid.height };
  const boxes: Box[] = [...laid.nodes];
  for (const [index, box] of boxes.entries()) {
    expect(inside(box, whole)).toBe(true);
    for (const other of boxes.slice(index + 1)) expect(apart(box, other)).toBe(true);
  }
  expect(laid.tiers.map(({ tier }) => tier)).toEqual(['edge', 'regional', 'central']);
  for (const one of laid.nodes) {
    const tier = laid.tiers.find((box) => box.tier === one.node.tier);
    expect(tier && inside(one, tier)).toBe(true);
    for (const chip of one.chips) expect(inside(chip, one)).toBe(true);
  }
  const full = laid.nodes.find(({ node: { name } }) => name === 'n-0');
  expect([full?.chips.length, full?.more]).toEqual([7, 3]);
});

test('edges end at the functions, the busiest the thickest; a function on several nodes is met where most of its traffic is', () => {
  const { edges, nodes } = layoutMap(model);
  const [users, call] = edges;
  expect(edges.map(({ kind, from, to }) => `${kind} ${from} ${to}`)).toEqual(['users us shop', 'call shop pay']);
  expect(users?.width).toBeGreaterThan(call?.width ?? Infinity);
  const shop = nodes.find(({ node: { name } }) => name === 'central-1')?.chips[0];
  expect(users?.path.endsWith(` L ${shop?.x} ${(shop?.y ?? 0) + (shop?.height ?? 0) / 2}`)).toBe(true);
});

test('an empty platform still has a map', () => {
  const { edges, nodes, tiers, height } = layoutMap(mapModel({ nodes: [] }, null, [], undefined));
  expect([edges, nodes, tiers]).toEqual([[], [], []]);
  expect(height).toBeGreaterThan(0);
});

test('a plan shows both maps: what leaves on the one, what comes on the other', () => {
  const costs = { user: 0, data: 0, calls: 0, resources: 0, migration: 0 };
  const move = { function: 'default/shop', from: ['central-1'], to: ['edge-1'], before: costs, after: costs };
  const rest = { savesPerHour: 1, costsOnce: 0, forced: false, waitsFor: [], reason: 'nearer' };
  const plan: Pick<PlanView, 'moves'> = { moves: [{ ...move, ...rest }] };
  const assignment = [
    { function: 'default/shop', nodes: ['central-1'] },
    { function: 'acme/pay', nodes: ['edge-1'] },
  ];
  const { before, after } = planMaps(model, assignment, plan, 'default');
  const on = (which: typeof before, name: string) =>
    which.nodes.find((one) => one.name === name)?.functions.map((each) => `${each.function} ${each.change}`);
  expect([on(before, 'central-1'), on(before, 'edge-1')]).toEqual([['shop leaves'], ['acme/pay stays']]);
  expect([on(after, 'central-1'), on(after, 'edge-1')]).toEqual([[], ['acme/pay stays', 'shop comes']]);
});
