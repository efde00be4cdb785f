import type { PlacementPlan, PlanRequest } from '../../core/plan/placement-plan';

/** Makes plans; up to seconds of arithmetic that must not hold up whoever asks. */
export interface PlacementPlanner {
  /** @throws PlatformError invalid_argument for a case that cannot be judged */
  plan(request: PlanRequest): Promise<PlacementPlan>;
  close(): Promise<void>;
}
