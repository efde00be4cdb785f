import { seededRandom } from '../../random/seeded-random';
import { CaseTerms } from '../case-terms';
import { costBreakdown, nodePlaces } from '../cost-breakdown';
import type { Placement, PlacementSolver } from '../placement-case';
import { violationsOf } from '../violations';
import { addReplicas } from './add-replicas';
import { descend } from './descend';
import { PartModel } from './part-model';
import { SearchState } from './search-state';
import { solveParts } from './solve-parts';
import { neededParts, partsAt } from './split-parts';

const REPLICA_ROUNDS = 3;

/**
 * The platform's own solver: places every function, or as many replicas of it as it needs, by greedy choice and local search over the
 * whole cost; then adds replicas where they pay. Keeps all hard constraints; a function for which no room was found is left out.
 */
export const search: PlacementSolver = {
  name: 'search',
  solve: (problem, seed) => {
    const terms = new CaseTerms(problem);
    const model = new PartModel(terms, neededParts(terms));
    const at = solveParts(model, seededRandom(seed));
    const placement = model.placement(at);
    const several = problem.functions.some(({ replicas }) => replicas.max > 1);
    return several && !at.includes(-1) ? withReplicas(terms, placement) : placement;
  },
};

function withReplicas(terms: CaseTerms, first: Placement): Placement {
  const { problem } = terms;
  const costOf = (placement: Placement): number => costBreakdown(problem, placement, terms).total;
  const feasible = (placement: Placement): boolean => violationsOf(problem, placement, terms).length === 0;
  let placement = first;
  for (let round = 0; round < REPLICA_ROUNDS; round++) {
    const at = nodePlaces(terms, placement).map((nodes) => nodes);
    if (!addReplicas(terms, at)) break;
    const next = named(terms, at);
    // Replicas are bought by the true serving; where they move together, parts are the better view.
    const settled = settle(terms, at);
    const better = feasible(settled) && costOf(settled) < costOf(next) ? settled : next;
    if (!feasible(better)) break;
    placement = better;
  }
  return placement;
}

function settle(terms: CaseTerms, at: readonly (readonly number[])[]): Placement {
  const model = new PartModel(
    terms,
    at.flatMap((nodes, fn) => partsAt(terms, fn, nodes)),
  );
  const state = new SearchState(model);
  at.flat().forEach((node, part) => state.place(part, node));
  descend(state);
  return model.placement(state.at);
}

function named({ problem }: CaseTerms, at: readonly (readonly number[])[]): Placement {
  return Object.fromEntries(
    problem.functions.map(({ id }, fn) => [id, at[fn]!.map((node) => problem.nodes[node]!.name)]),
  );
}
