import { violationsOf } from '../../../core/placement/violations';
import type { PlacementCase, PlacementFunction, PlacementNode } from '../../../core/placement/placement-case';
import { call, fn, GB, node, placementCase } from './placement-builder';

const names = (problem: PlacementCase, placement: Record<string, string[]>): string[] =>
  violationsOf(problem, placement).map(({ constraint, node: where }) =>
    where ? `${constraint} ${where}` : constraint,
  );
const one = (changes: Partial<PlacementFunction>, there: Partial<PlacementNode> = {}): string[] =>
  names(placementCase([node('n', there)], [fn('f', changes)]), { f: ['n'] });

it('finds nothing wrong with a placement that keeps all', () => {
  expect(one({})).toEqual([]);
});

it.each<[string, Partial<PlacementFunction>, Partial<PlacementNode>]>([
  ['residency', { regions: ['west'] }, {}],
  ['tier', { tiers: ['central'] }, {}],
  ['isolation', { isolation: 'pod' }, {}],
  ['isolation', {}, { isolation: 'pod' }],
  ['state', {}, { state: 'draining' }],
  ['state', {}, { state: 'lost' }],
  ['state', {}, { state: 'cordoned' }],
  ['cpu', { cpuMillis: 4_001 }, {}],
  ['memory', { instances: 2, memoryBytes: 5 * GB }, {}],
  ['slots', { instances: 3, memoryBytes: 1 }, { slots: 2 }],
])('names %s', (constraint, changes, there) => {
  expect(one(changes, there)).toEqual([`${constraint} n`]);
});

it('lets a function stay on a cordoned node', () => {
  expect(one({ current: { nodes: ['n'], secondsSinceMove: null } }, { state: 'cordoned' })).toEqual([]);
});

it('counts bandwidth of users, data and calls on both sides', () => {
  const users = [{ region: 'east', callsPerHour: 3_600 }];
  const data = [{ region: 'east', tripsPerCall: 1, bytesPerCall: 10 }];
  const problem = (bandwidthBytesPerSecond: number): PlacementCase =>
    placementCase([node('n', { bandwidthBytesPerSecond })], [fn('f', { users, bytesPerCall: 100, data }), fn('g')], {
      calls: [{ from: 'f', to: 'g', callsPerHour: 3_600, bytesPerCall: 5 }],
    });
  expect(names(problem(120), { f: ['n'], g: ['n'] })).toEqual([]);
  expect(names(problem(119), { f: ['n'], g: ['n'] })).toEqual(['bandwidth n']);
});

it('wants the SLA kept at its percentile, by all replicas together', () => {
  const users = [
    { region: 'east', callsPerHour: 97 },
    { region: 'west', callsPerHour: 3 },
  ];
  const problem = (percentile: number): PlacementCase =>
    placementCase(
      [node('a'), node('b', { region: 'west' })],
      [fn('f', { users, sla: { percentile, ms: 50 }, replicas: { min: 1, max: 2 } })],
    );
  expect(names(problem(97), { f: ['a'] })).toEqual([]);
  expect(names(problem(98), { f: ['a'] })).toEqual(['sla']);
  expect(names(problem(98), { f: ['a', 'b'] })).toEqual([]);
});

it('keeps replicas in different regions, and as many as are wanted', () => {
  const replicas = { min: 2, max: 2 };
  const problem = placementCase([node('a'), node('b'), node('c', { region: 'west' })], [fn('f', { replicas })]);
  expect(names(problem, { f: ['a', 'b'] })).toEqual(['apart']);
  expect(names(problem, { f: ['a'] })).toEqual(['replicas']);
  expect(names(problem, { f: ['a', 'c'] })).toEqual([]);
});

it('misses functions that sit nowhere or on nodes that nobody knows', () => {
  const problem = placementCase([node('a')], [fn('f'), fn('g')], { calls: [call('f', 'g', 1)] });
  expect(names(problem, { g: ['gone'] })).toEqual(['place', 'place']);
});
