import { nodeOrder } from '../../../core/routing/node-order';

const nodes = [
  { name: 'a', tier: 'edge' as const, region: 'eu', open: true },
  { name: 'b', tier: 'edge' as const, region: 'us', open: true },
  { name: 'c', tier: 'central' as const, region: 'eu', open: true },
];
const rules = { placed: null, tiers: ['edge', 'central'] as const, ms: () => 0 };

test('a function goes to no node outside of its regions, however free that is', () => {
  expect(nodeOrder(nodes, { ...rules, regions: ['eu'] }).map(({ name }) => name)).toEqual(['a', 'c']);
  expect(nodeOrder(nodes, rules).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  // Where it is placed it stays until it is moved.
  const placed = [{ node: 'b', weight: 100 }];
  expect(nodeOrder(nodes, { ...rules, placed, regions: ['eu'] }).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
});

test('a function goes to no node that does not offer its isolation, even where it was placed before', () => {
  const mixed = [...nodes, { name: 'p', tier: 'edge' as const, region: 'eu', open: true, isolation: 'pod' as const }];
  const names = (isolation: 'agent' | 'pod' | undefined, placed: Parameters<typeof nodeOrder>[1]['placed'] = null) =>
    nodeOrder(mixed, { ...rules, placed, isolation }).map(({ name }) => name);
  expect(names('pod')).toEqual(['p']);
  expect(names('agent')).toEqual(['a', 'b', 'c']);
  expect(names(undefined)).toEqual(['a', 'b', 'c']);
  // A new revision with another isolation is on its own nodes from its first request.
  expect(names('pod', [{ node: 'a', weight: 100 }])).toEqual(['p']);
});
