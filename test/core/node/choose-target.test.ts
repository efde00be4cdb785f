import { LatencyMatrix } from '../../../core/network/latency-matrix';
import { chooseTarget, withFunction, type HomelessFunction, type TargetNode } from '../../../core/node/choose-target';

const MIB = 2 ** 20;
const wanted: HomelessFunction = {
  tenant: 'default',
  function: 'f',
  tiers: ['edge', 'central'],
  memoryBytes: 128 * MIB,
  cpuMillis: 500,
};
const distances = LatencyMatrix.of({ latency: { eu: { us: 80, asia: 200 }, us: { asia: 150 } }, nodeLatency: {} }, []);
const from = { region: 'eu', node: 'left' };
const node = (name: string, region: string, change: Partial<TargetNode> = {}): TargetNode => ({
  name,
  region,
  tier: 'edge',
  state: 'ready',
  capacity: { memoryBytes: 512 * MIB, cpuMillis: 2000, slots: 4 },
  promised: { memoryBytes: 0, cpuMillis: 0, slots: 0 },
  ...change,
});
const choice = (...nodes: TargetNode[]) => {
  const chosen = chooseTarget(wanted, from, nodes, distances);
  return 'target' in chosen ? chosen.target.name : chosen.refusals;
};

test('the nearest one takes it; of those as near the emptiest', () => {
  expect(choice(node('far', 'asia'), node('near', 'us'), node('left', 'eu'))).toBe('near');
  const fuller = node('a', 'us', { promised: { memoryBytes: 200 * MIB, cpuMillis: 0, slots: 1 } });
  expect(choice(fuller, node('b', 'us'))).toBe('b');
});

test('it stays in the regions that its manifest allows, however near others are', () => {
  const bound = { ...wanted, regions: ['asia'] };
  const nodes = [node('near', 'us'), node('far', 'asia')];
  expect(chooseTarget(bound, from, nodes, distances)).toMatchObject({ target: { name: 'far' } });
  expect(chooseTarget(bound, from, nodes.slice(0, 1), distances)).toEqual({
    refusals: [{ node: 'near', reason: 'is in us' }],
  });
});

test('it goes to nodes that offer its isolation, and to no others', () => {
  const nodes = [node('own', 'us'), node('pods', 'asia', { isolation: 'pod' })];
  expect(chooseTarget({ ...wanted, isolation: 'pod' }, from, nodes, distances)).toMatchObject({
    target: { name: 'pods' },
  });
  expect(chooseTarget(wanted, from, nodes.slice(1), distances)).toEqual({
    refusals: [{ node: 'pods', reason: 'runs functions of isolation pod' }],
  });
});

test('whoever cannot take it says why', () => {
  const capacity = { memoryBytes: 512 * MIB, cpuMillis: 2000, slots: 4 };
  expect(
    choice(
      node('left', 'eu'),
      node('shut', 'us', { state: 'cordoned' }),
      node('gone', 'us', { state: 'lost' }),
      node('mid', 'us', { tier: 'regional' }),
      node('dumb', 'us', { capacity: null }),
      node('full', 'us', { promised: { memoryBytes: 400 * MIB, cpuMillis: 0, slots: 0 } }),
      node('slow', 'us', { capacity: { ...capacity, cpuMillis: 100 } }),
      node('taken', 'us', { promised: { memoryBytes: 0, cpuMillis: 0, slots: 4 } }),
    ),
  ).toEqual([
    { node: 'shut', reason: 'is cordoned' },
    { node: 'gone', reason: 'is lost' },
    { node: 'mid', reason: 'is of the tier regional' },
    { node: 'dumb', reason: 'has not said what it has' },
    { node: 'full', reason: 'has too little memory' },
    { node: 'slow', reason: 'has too few cores' },
    { node: 'taken', reason: 'has no slot' },
  ]);
});

test('what it takes counts for the next', () => {
  let one = node('one', 'us');
  for (let taken = 0; taken < 4; taken++) {
    expect(choice(one)).toBe('one');
    one = withFunction(one, wanted);
  }
  expect(choice(one)).toEqual([{ node: 'one', reason: 'has too little memory' }]);
});
