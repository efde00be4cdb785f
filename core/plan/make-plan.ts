import { createHash } from 'node:crypto';
import { toPlatformError } from '../error/platform-error';
import { checkPlacementCase } from '../placement/check-placement-case';
import { comparePlacements } from '../placement/compare-placements';
import { costBreakdown, sumOf, type CostBreakdown } from '../placement/cost-breakdown';
import { dollars } from '../placement/move-reason';
import type { Placement, PlacementCase } from '../placement/placement-case';
import { solvePlacement } from '../placement/solve-placement';
import { search } from '../placement/solvers/search';
import { replicaGains, userLatency } from '../placement/user-latency';
import type { AssignedFunction, PlacementPlan, PlanRequest } from './placement-plan';
import { possibleCase } from './possible-case';

/**
 * Places the functions of a case and says which moves from where they are now are worth it.
 * @throws PlatformError invalid_argument for a case that cannot be judged
 */
export function makePlan(request: PlanRequest): PlacementPlan {
  checkPlacementCase(request.problem);
  const { problem, notes } = possibleCase(request.problem);
  const current = currentPlacement(problem);
  const before = costBreakdown(problem, current);
  const base = {
    solver: search.name,
    seed: request.seed,
    inputsDigest: createHash('sha256').update(JSON.stringify(request.problem)).digest('hex'),
    notes: [...request.notes, ...notes],
    assignment: assignmentOf(problem, current, before),
  };
  let solved: ReturnType<typeof solvePlacement>;
  try {
    solved = solvePlacement(problem, { seed: request.seed, solver: search });
  } catch (error) {
    const failure = toPlatformError(error);
    if (failure.code !== 'invalid_argument') throw error;
    const costs = { before: before.terms, after: before.terms, best: null };
    return { ...base, verdict: 'infeasible', reason: failure.message, costs, moves: [], held: [], replicas: [] };
  }
  const next = onlyMovable(solved.placement, current, request.movable);
  const { after, moves, held, placement } = comparePlacements(problem, current, next, request.rules);
  return {
    ...base,
    verdict: moves.length > 0 ? 'move' : 'keep',
    reason: reasonOf(moves.length, before, after),
    costs: { before: before.terms, after: after.terms, best: solved.costs.terms },
    moves,
    held,
    replicas: replicaGains(problem, placement).map(({ function: id, nodes, p99Ms, singleNode, singleP99Ms }) => {
      return { function: id, nodes, p99Ms, singleNode, singleP99Ms };
    }),
  };
}

/** Where functions are by the case, in nodes that it may have forgotten. */
function currentPlacement({ functions }: PlacementCase): Placement {
  return Object.fromEntries(functions.map(({ id, current }) => [id, current?.nodes ?? []]));
}

/** Who may not move stays, whatever the best placement says. */
function onlyMovable(best: Placement, current: Placement, movable: readonly string[] | null): Placement {
  if (movable === null) return best;
  const free = new Set(movable);
  return Object.fromEntries(
    Object.entries(best).map(([id, nodes]) => [id, free.has(id) ? nodes : (current[id] ?? [])]),
  );
}

function assignmentOf(problem: PlacementCase, current: Placement, costs: CostBreakdown): AssignedFunction[] {
  return problem.functions.flatMap(({ id }) => {
    const own = costs.functions[id];
    if (!own) return [];
    const latency = userLatency(problem, current, id);
    const users = latency && { meanMs: latency.meanMs, p99Ms: latency.p99Ms };
    return [{ function: id, nodes: current[id] ?? [], costs: own, users }];
  });
}

function reasonOf(moves: number, before: CostBreakdown, after: CostBreakdown): string {
  const now = dollars(before.total);
  if (moves === 0) return `nothing is worth a move: all of it costs ${now} an hour`;
  return `${moves} move(s) bring ${now} an hour to ${dollars(sumOf(after.terms))}`;
}
