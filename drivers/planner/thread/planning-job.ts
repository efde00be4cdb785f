import { toPlatformError } from '../../../core/error/platform-error';
import { makePlan } from '../../../core/plan/make-plan';
import type { PlanRequest } from '../../../core/plan/placement-plan';
import type { JobOutcome } from '../../thread/job-thread';

/** Does one job; never throws. */
export async function runJob(request: PlanRequest): Promise<JobOutcome> {
  try {
    return { value: makePlan(request) };
  } catch (error) {
    const { code, message } = toPlatformError(error);
    return { error: { code, message } };
  }
}
