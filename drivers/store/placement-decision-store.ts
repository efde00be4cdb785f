import type { PlacementPlan } from '../../core/plan/placement-plan';
import type { Page, PageQuery } from './store';

/** How the move of a function ended. */
export interface MoveOutcome {
  /** `tenant/name`. */
  readonly function: string;
  readonly state: 'done' | 'failed' | 'skipped';
  /** Why not; null where it is done. */
  readonly error: string | null;
}

/** What was decided on where functions sit, and what came of it. */
export interface PlacementDecision {
  readonly id: string;
  readonly at: Date;
  /** Whose functions might move; null: all. */
  readonly tenant: string | null;
  readonly workflowId: string;
  /** It was only to be looked at. */
  readonly dryRun: boolean;
  /** Its assignment is kept as long as no newer plan has one, and read by `latestPlacementDecision` alone. */
  readonly plan: PlacementPlan;
  /** Null as long as its moves are under way. */
  readonly outcomes: readonly MoveOutcome[] | null;
}

/** Figures that only grow, kept over restarts, by which metrics are made. */
export const PLACEMENT_FIGURES = ['plans', 'infeasible', 'moves', 'failedMoves', 'planSeconds'] as const;
export type PlacementFigure = (typeof PLACEMENT_FIGURES)[number];

export interface PlacementDecisionStore {
  /** One that is known already is not written again. */
  writePlacementDecision(decision: Omit<PlacementDecision, 'outcomes'>): Promise<void>;
  /** @throws PlatformError not_found */
  notePlacementOutcomes(id: string, outcomes: readonly MoveOutcome[]): Promise<void>;
  findPlacementDecision(id: string): Promise<PlacementDecision | null>;
  /** Newest first. `movesOnly`: those that move nothing are left out. */
  placementDecisions(query: { readonly movesOnly?: boolean } & PageQuery): Promise<Page<PlacementDecision>>;
  /** The newest that has an assignment, with it. */
  latestPlacementDecision(): Promise<PlacementDecision | null>;
  addPlacementFigures(figures: Readonly<Partial<Record<PlacementFigure, number>>>): Promise<void>;
  placementFigures(): Promise<Readonly<Record<PlacementFigure, number>>>;
}
