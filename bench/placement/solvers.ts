import { kubernetesLike } from '../../core/placement/baselines/kubernetes-like';
import { leastLoaded } from '../../core/placement/baselines/least-loaded';
import { nearestNode } from '../../core/placement/baselines/nearest-node';
import { randomNode } from '../../core/placement/baselines/random-node';
import { roundRobin } from '../../core/placement/baselines/round-robin';
import type { PlacementSolver } from '../../core/placement/placement-case';
import { hungarian } from '../../core/placement/solvers/hungarian';
import { search } from '../../core/placement/solvers/search';

/** The platform's own solver, which all others are held against. */
export const OWN = search;

/** Those that are compared, the platform's own last. */
export const SOLVERS: readonly PlacementSolver[] = [
  randomNode,
  roundRobin,
  leastLoaded,
  kubernetesLike,
  nearestNode,
  hungarian,
  OWN,
];

export interface TimedPlacement {
  readonly placement: ReturnType<PlacementSolver['solve']>;
  readonly ms: number;
}

/** One placement and how long it took on the clock. */
export function timed(
  solver: PlacementSolver,
  problem: Parameters<PlacementSolver['solve']>[0],
  seed: number,
): TimedPlacement {
  const begun = performance.now();
  const placement = solver.solve(problem, seed);
  return { placement, ms: performance.now() - begun };
}
