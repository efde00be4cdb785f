import * as fc from 'fast-check';
import { CaseTerms } from '../../../../core/placement/case-terms';
import { costBreakdown } from '../../../../core/placement/cost-breakdown';
import type { Placement, PlacementCase } from '../../../../core/placement/placement-case';
import { solvePlacement } from '../../../../core/placement/solve-placement';
import { exhaustive } from '../../../../core/placement/solvers/exhaustive';
import { PartModel } from '../../../../core/placement/solvers/part-model';
import { search } from '../../../../core/placement/solvers/search';
import { violationsOf } from '../../../../core/placement/violations';
import { fourRegions } from '../../../../bench/placement/four-regions';
import { anyCase, fn, node, placementCase } from '../placement-builder';

const total = (problem: PlacementCase, placement: Placement): number => costBreakdown(problem, placement).total;
const feasible = (problem: PlacementCase, placement: Placement): boolean =>
  violationsOf(problem, placement).length === 0;

it('finds a placement wherever there is one, never a cheaper one than the cheapest', () => {
  fc.assert(
    fc.property(anyCase({ nodes: 6, functions: 9 }), (problem) => {
      const { at } = exhaustive(new PartModel(new CaseTerms(problem)), Infinity, true);
      const placement = search.solve(problem, 1);
      expect(feasible(problem, placement)).toBe(at !== null);
    }),
    { numRuns: 150 },
  );
});

it('is exact where there are few assignments', () => {
  fc.assert(
    fc.property(anyCase({ nodes: 4, functions: 5 }), (problem) => {
      const { at, complete } = exhaustive(new PartModel(new CaseTerms(problem)), Infinity);
      expect(complete).toBe(true);
      if (!at) return;
      const model = new PartModel(new CaseTerms(problem));
      expect(total(problem, search.solve(problem, 1))).toBeCloseTo(model.cost(at), 4);
    }),
    { numRuns: 150 },
  );
});

it('keeps every constraint with replicas too, and costs no more with leave to make some', () => {
  fc.assert(
    fc.property(anyCase({ nodes: 5, functions: 5, replicas: 3 }), (problem) => {
      const single = { ...problem, functions: problem.functions.map((f) => ({ ...f, replicas: { min: 1, max: 1 } })) };
      const [alone, placement] = [search.solve(single, 1), search.solve(problem, 1)];
      if (!feasible(single, alone)) return;
      expect(violationsOf(problem, placement)).toEqual([]);
      expect(total(problem, placement)).toBeLessThanOrEqual(total(problem, alone) * (1 + 1e-9));
    }),
    { numRuns: 100 },
  );
});

it('says the same for the same seed', () => {
  const problem = fourRegions(101, 2.5);
  expect(search.solve(problem, 7)).toEqual(search.solve(problem, 7));
});

const users = [
  { region: 'east', callsPerHour: 900 },
  { region: 'west', callsPerHour: 100 },
];
const nodes = [node('east-1'), node('east-2'), node('west-1', { region: 'west' })];

it('makes as many replicas as the SLA needs, in different regions', () => {
  const sla = { percentile: 99, ms: 20 };
  const problem = placementCase(nodes, [fn('f', { users, sla, replicas: { min: 1, max: 3 } })]);
  const { placement } = solvePlacement(problem);
  expect(placement['f']).toHaveLength(2);
  expect(placement['f']).toContain('west-1');
});

it('makes a replica where that is cheaper, and none where it is not', () => {
  const many = users.map((each) => ({ ...each, callsPerHour: 1_000 * each.callsPerHour }));
  const replicas = { min: 1, max: 2 };
  expect(solvePlacement(placementCase(nodes, [fn('f', { users: many, replicas })])).placement['f']).toHaveLength(2);
  const few = users.map((each) => ({ ...each, callsPerHour: each.callsPerHour / 10 }));
  expect(solvePlacement(placementCase(nodes, [fn('f', { users: few, replicas })])).placement['f']).toHaveLength(1);
});

it('splits a function that is too large for any node', () => {
  const problem = placementCase(nodes, [
    fn('f', {
      users: users.map((each) => ({ ...each, callsPerHour: 100 })),
      cpuMillis: 6_000,
      replicas: { min: 1, max: 2 },
    }),
  ]);
  expect(solvePlacement(problem).placement['f']).toHaveLength(2);
});

it('stays where a function is unless elsewhere is worth the move', () => {
  const place = (waitSeconds: number): readonly string[] | undefined => {
    const current = { nodes: ['west-1'], secondsSinceMove: null };
    const move = { bytes: 0, seconds: 0, waitSeconds };
    return solvePlacement(placementCase(nodes, [fn('f', { users, current, move })])).placement['f'];
  };
  expect(place(1)).not.toEqual(['west-1']);
  // 800 calls an hour save 95 ms each: 0.76 $; the move costs 6 $ in six hours' time.
  expect(place(6_000)).toEqual(['west-1']);
});
