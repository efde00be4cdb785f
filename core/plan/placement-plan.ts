import type { HeldMove, PlannedMove } from '../placement/compare-placements';
import type { Costs } from '../placement/cost-breakdown';
import type { PlacementCase } from '../placement/placement-case';
import type { MoveRules } from '../placement/move-rules';

/** What a plan is made of. */
export interface PlanRequest {
  readonly problem: PlacementCase;
  /** Told with the plan. */
  readonly notes: readonly string[];
  /** Functions that may move, by id; null: all. */
  readonly movable: readonly string[] | null;
  readonly rules: MoveRules;
  readonly seed: number;
}

/** Where a function is now, what that costs and how far its users have it. */
export interface AssignedFunction {
  readonly function: string;
  readonly nodes: readonly string[];
  /** Micro-dollars an hour, weighted; calls half for each of both ends. */
  readonly costs: Costs;
  /** Round trip of its users to it, milliseconds; null without users. */
  readonly users: { readonly meanMs: number; readonly p99Ms: number } | null;
}

/** Several nodes for one function, and what they are worth to its users. */
export interface PlannedReplicas {
  readonly function: string;
  readonly nodes: readonly string[];
  readonly p99Ms: number;
  /** On the single node that would serve them best. */
  readonly singleNode: string;
  readonly singleP99Ms: number;
}

/** What functions are to move, what that is worth, and why. Costs are micro-dollars an hour, weighted. */
export interface PlacementPlan {
  /** `infeasible`: no placement keeps all constraints, and `reason` says which are in the way. */
  readonly verdict: 'move' | 'keep' | 'infeasible';
  readonly reason: string;
  readonly solver: string;
  readonly seed: number;
  /** SHA-256 of the case in hex: the same inputs and seed give the same plan. */
  readonly inputsDigest: string;
  readonly costs: {
    readonly before: Costs;
    readonly after: Costs;
    /** Of the best placement that was found, moves not counted. */
    readonly best: Costs | null;
  };
  /** In an order in which each finds room. */
  readonly moves: readonly PlannedMove[];
  /** That would pay too little, or find no room. */
  readonly held: readonly HeldMove[];
  readonly replicas: readonly PlannedReplicas[];
  readonly notes: readonly string[];
  /** Before the moves. */
  readonly assignment: readonly AssignedFunction[];
}
