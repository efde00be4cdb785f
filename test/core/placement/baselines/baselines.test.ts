import * as fc from 'fast-check';
import { kubernetesLike } from '../../../../core/placement/baselines/kubernetes-like';
import { leastLoaded } from '../../../../core/placement/baselines/least-loaded';
import { nearestNode } from '../../../../core/placement/baselines/nearest-node';
import { randomNode } from '../../../../core/placement/baselines/random-node';
import { roundRobin } from '../../../../core/placement/baselines/round-robin';
import type { PlacementSolver } from '../../../../core/placement/placement-case';
import { hungarian } from '../../../../core/placement/solvers/hungarian';
import { violationsOf } from '../../../../core/placement/violations';
import { anyCase, fn, GB, node, placementCase } from '../placement-builder';

const all: PlacementSolver[] = [randomNode, roundRobin, nearestNode, leastLoaded, kubernetesLike, hungarian];
const nodes = [node('a'), node('b', { region: 'west', cpuMillis: 8_000, memoryBytes: 16 * GB }), node('c')];
const places = (solver: PlacementSolver, count: number): string[] => {
  const functions = Array.from({ length: count }, (_, index) =>
    fn(`f${index}`, { cpuMillis: 1_000, memoryBytes: 2 * GB }),
  );
  return Object.values(solver.solve(placementCase(nodes, functions), 1)).map(([name]) => name ?? '');
};

it.each(all)('$name says the same for the same seed, and breaks nothing but room and SLAs', (solver) => {
  fc.assert(
    fc.property(anyCase({ nodes: 5, functions: 8 }), fc.nat(1_000), (problem, seed) => {
      const placement = solver.solve(problem, seed);
      expect(solver.solve(problem, seed)).toEqual(placement);
      const broken = violationsOf(problem, placement).map(({ constraint }) => constraint);
      expect(broken.filter((constraint) => ['residency', 'apart', 'replicas'].includes(constraint))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

it('round robin goes round', () => {
  expect(places(roundRobin, 5)).toEqual(['a', 'b', 'c', 'a', 'b']);
});

it('least loaded and Kubernetes fill the largest node first', () => {
  expect(places(leastLoaded, 4)).toEqual(['b', 'a', 'b', 'c']);
  expect(places(kubernetesLike, 3)[0]).toBe('b');
});

it('nearest goes to the users, the busiest function first', () => {
  const east = (id: string, callsPerHour: number) =>
    fn(id, { users: [{ region: 'east', callsPerHour }], cpuMillis: 4_000 });
  const problem = placementCase([node('far', { region: 'west' }), node('near')], [east('quiet', 1), east('busy', 2)]);
  expect(nearestNode.solve(problem, 1)).toEqual({ quiet: ['far'], busy: ['near'] });
});

it('random differs by its seed', () => {
  const problem = placementCase(
    nodes,
    ['f', 'g', 'h', 'i'].map((id) => fn(id)),
  );
  const seen = new Set(Array.from({ length: 20 }, (_, seed) => JSON.stringify(randomNode.solve(problem, seed))));
  expect(seen.size).toBeGreaterThan(3);
});

it('the Hungarian method takes the cheapest nodes as far as slots go', () => {
  const users = [{ region: 'east', callsPerHour: 10 }];
  const functions = ['f', 'g', 'h'].map((id) => fn(id, { users, memoryBytes: 4 * GB }));
  const placed = Object.values(
    hungarian.solve(placementCase([node('a'), node('b', { region: 'west' })], functions), 1),
  );
  expect(placed.map(([name]) => name).sort()).toEqual(['a', 'a', 'b']);
});
