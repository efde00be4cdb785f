import { PlatformError } from '../error/platform-error';
import { CaseTerms } from './case-terms';
import { checkPlacementCase } from './check-placement-case';
import { costBreakdown, type CostBreakdown } from './cost-breakdown';
import { explainInfeasible } from './explain-infeasible';
import type { Placement, PlacementCase, PlacementSolver } from './placement-case';
import { search } from './solvers/search';
import { violationsOf } from './violations';

export interface SolvedPlacement {
  readonly placement: Placement;
  readonly costs: CostBreakdown;
}

/**
 * Places all functions of a case at the least cost that the solver finds, all hard constraints kept.
 * @param seed same case and seed, same placement
 * @throws PlatformError invalid_argument for a case that cannot be judged, or that has no placement: with the constraint and the
 * functions in the way
 */
export function solvePlacement(
  problem: PlacementCase,
  { seed = 1, solver = search }: { readonly seed?: number; readonly solver?: PlacementSolver } = {},
): SolvedPlacement {
  checkPlacementCase(problem);
  const terms = new CaseTerms(problem);
  const placement = solver.solve(problem, seed);
  if (violationsOf(problem, placement, terms).length > 0) throw infeasible(terms, placement);
  return { placement, costs: costBreakdown(problem, placement, terms) };
}

function infeasible(terms: CaseTerms, tried: Placement): PlatformError {
  const problems = explainInfeasible(terms, tried);
  const lines = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new PlatformError('invalid_argument', `No placement keeps all constraints: ${lines}`, { problems });
}
