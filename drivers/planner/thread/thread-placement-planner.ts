import type { PlacementPlan, PlanRequest } from '../../../core/plan/placement-plan';
import { JobThread } from '../../thread/job-thread';
import type { PlacementPlanner } from '../placement-planner';

/** Plans in one thread of its own. */
export class ThreadPlacementPlanner implements PlacementPlanner {
  readonly #thread = new JobThread<PlanRequest>(require.resolve('./planning-job'), 'Placing');

  plan(request: PlanRequest): Promise<PlacementPlan> {
    return this.#thread.run(request);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
