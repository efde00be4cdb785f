import type { PartModel } from '../../core/placement/solvers/part-model';

/** What an exact solver came to. */
export interface ExactSolution {
  /** `optimal`: nothing is cheaper than `cost` by more than the gap asked for. `timeout`: `at` is the best found so far, if any. */
  readonly status: 'optimal' | 'infeasible' | 'timeout';
  /** The node of each part; null where none was found. */
  readonly at: Int32Array | null;
  /** Of the assignment, micro-dollars an hour; Infinity without one. */
  readonly cost: number;
  /** No assignment costs less than this. */
  readonly bound: number;
}

/** Solves placements to a proven optimum, which takes long: for small clusters, and to judge other solvers by. */
export interface ExactSolver {
  /** @param seconds after which it gives up @param gap relative to the cost, that is good enough as a proof */
  solve(model: PartModel, options: { readonly seconds: number; readonly gap: number }): Promise<ExactSolution>;
}
