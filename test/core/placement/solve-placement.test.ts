import { toPlatformError } from '../../../core/error/platform-error';
import type { PlacementCase } from '../../../core/placement/placement-case';
import { solvePlacement } from '../../../core/placement/solve-placement';
import { call, fn, GB, node, placementCase } from './placement-builder';

const east = (callsPerHour = 1_000) => [{ region: 'east', callsPerHour }];

function refusal(problem: PlacementCase): string[] {
  try {
    solvePlacement(problem);
    return [];
  } catch (error) {
    const { code, problems } = toPlatformError(error);
    expect(code).toBe('invalid_argument');
    return problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

it('puts functions where their users are, and what calls each other together', () => {
  const problem = placementCase(
    [node('west-1', { region: 'west' }), node('east-1')],
    [fn('web', { users: east() }), fn('cart'), fn('cron')],
    { calls: [call('web', 'cart', 1_000)] },
  );
  const { placement, costs } = solvePlacement(problem);
  expect(placement).toMatchObject({ web: ['east-1'], cart: ['east-1'] });
  expect(costs.total).toBeCloseTo(costs.terms.user + costs.terms.resources);
});

it('gives the busier function the room where both want to be', () => {
  const nodes = [node('east-1', { slots: 1 }), node('west-1', { region: 'west' })];
  const { placement } = solvePlacement(
    placementCase(nodes, [fn('a', { users: east(10) }), fn('b', { users: east(20) })]),
  );
  expect(placement).toEqual({ a: ['west-1'], b: ['east-1'] });
});

it('needs no function', () => {
  expect(solvePlacement(placementCase([node('a')], []))).toMatchObject({ placement: {}, costs: { total: 0 } });
});

it('checks the case before it solves', () => {
  expect(refusal(placementCase([node('a'), node('a')], []))).toEqual(['nodes.1: "a" is there twice']);
});

it('says which rules leave a function no node', () => {
  const nodes = [
    node('a'),
    node('b', { region: 'west', tier: 'central' }),
    node('c', { memoryBytes: 1, region: 'west' }),
  ];
  expect(refusal(placementCase(nodes, [fn('f', { regions: ['west'], tiers: ['edge'] })]))).toEqual([
    'functions.f: f may be on none of 3 nodes: residency rules out 1, tier rules out 1, memory rules out 1',
  ]);
});

it('says who asks for more than their nodes have together', () => {
  const nodes = [
    node('a'),
    node('b', { region: 'west', memoryBytes: 3 * GB }),
    node('c', { region: 'west', memoryBytes: 2 * GB }),
  ];
  const bound = ['f', 'g', 'h'].map((id) => fn(id, { regions: ['west'], memoryBytes: 2 * GB }));
  expect(refusal(placementCase(nodes, [fn('free', { memoryBytes: 4 * GB }), ...bound]))).toEqual([
    'memory: f, g, h need 6000000000 bytes of memory and may only be on b, c, which have 5000000000',
  ]);
});

it('says whose pieces do not fit though there is room in sum', () => {
  const nodes = ['a', 'b'].map((name) => node(name, { memoryBytes: 3 * GB }));
  const functions = ['f', 'g', 'h'].map((id) => fn(id, { memoryBytes: 2 * GB }));
  expect(refusal(placementCase(nodes, functions))).toEqual([
    expect.stringMatching(/^place: no room was found for [fgh],/),
  ]);
});

it('says that an SLA cannot be kept, and by how much', () => {
  const users = [...east(90), { region: 'west', callsPerHour: 10 }];
  const sla = { percentile: 99, ms: 20 };
  const nodes = [node('a'), node('b', { region: 'north' })];
  expect(refusal(placementCase(nodes, [fn('f', { users, sla })]))).toEqual([
    'functions.f: sla: 99 % of the users of f cannot be within 20 ms: with a replica on each of its nodes 90 % are',
  ]);
  const both = [node('a'), node('b', { region: 'west' })];
  expect(refusal(placementCase(both, [fn('f', { users, sla })]))).toEqual([
    'functions.f: sla: no single node reaches the users of f in 20 ms',
  ]);
});

it('says that replicas have too few regions', () => {
  expect(refusal(placementCase([node('a'), node('b')], [fn('f', { replicas: { min: 2, max: 2 } })]))).toEqual([
    'functions.f: f needs 2 replicas in different regions, its nodes are in 1',
  ]);
});
