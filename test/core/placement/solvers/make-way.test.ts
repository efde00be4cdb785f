import * as fc from 'fast-check';
import { CaseTerms } from '../../../../core/placement/case-terms';
import type { PlacementCase } from '../../../../core/placement/placement-case';
import { descend } from '../../../../core/placement/solvers/descend';
import { exhaustive } from '../../../../core/placement/solvers/exhaustive';
import { makeWay } from '../../../../core/placement/solvers/make-way';
import { PartModel } from '../../../../core/placement/solvers/part-model';
import { SearchState } from '../../../../core/placement/solvers/search-state';
import { violationsOf } from '../../../../core/placement/violations';
import { anyCase, call, fn, GB, node, placementCase } from '../placement-builder';

function stateOf(problem: PlacementCase, at: readonly number[]): SearchState {
  const state = new SearchState(new PartModel(new CaseTerms(problem)));
  at.forEach((place, part) => state.place(part, place));
  return state;
}

const small = Array.from({ length: 7 }, (_, index) =>
  fn(`small-${index}`, { users: [{ region: 'east', callsPerHour: 1 }] }),
);
const front = fn('front', { users: [{ region: 'east', callsPerHour: 1e6 }], memoryBytes: 5 * GB });
const back = fn('back', { memoryBytes: 2 * GB });
const nodes = [node('east-1'), node('west-1', { region: 'west', memoryBytes: 16 * GB })];

it('brings a group that sits far from its users to them, and sends small ones away, which no single move does', () => {
  const problem = placementCase(nodes, [front, back, ...small], { calls: [call('front', 'back', 1e6)] });
  const state = stateOf(problem, [1, 1, ...small.map(() => 0)]);
  const before = state.cost;
  descend(state);
  expect([state.at[0], state.at[1]]).toEqual([1, 1]);
  makeWay(state);
  expect([state.at[0], state.at[1]]).toEqual([0, 0]);
  expect(state.cost).toBeLessThan(before / 10);
  expect(violationsOf(problem, state.model.placement(state.at))).toEqual([]);
});

it('leaves all where it is when those in the way have nowhere to go, or lose more than is won', () => {
  const dear = small.map((one) => ({ ...one, users: [{ region: 'east', callsPerHour: 1e6 }] }));
  const full = [nodes[0]!, node('west-1', { region: 'west', memoryBytes: 7 * GB })];
  for (const problem of [placementCase(full, [front, back, ...small]), placementCase(nodes, [front, back, ...dear])]) {
    const state = stateOf(problem, [1, 1, ...small.map(() => 0)]);
    const before = { at: state.at.slice(), cost: state.cost };
    makeWay(state);
    expect(state.at).toEqual(before.at);
    expect(state.cost).toBeCloseTo(before.cost, 4);
  }
});

it('never breaks a constraint, and never makes the whole dearer', () => {
  fc.assert(
    fc.property(anyCase({ nodes: 5, functions: 8 }), (problem) => {
      const { at } = exhaustive(new PartModel(new CaseTerms(problem)), Infinity, true);
      if (!at) return;
      const state = stateOf(problem, [...at]);
      const before = state.cost;
      makeWay(state);
      expect(state.cost).toBeLessThanOrEqual(before + 1e-6 * Math.abs(before));
      expect(state.model.cost(state.at)).toBeCloseTo(state.cost, 4);
      expect(violationsOf(problem, state.model.placement(state.at))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
