import { adviseCosts } from '../../../core/cost/advice/advise-costs';
import { toPlatformError } from '../../../core/error/platform-error';
import type { JobOutcome } from '../../thread/job-thread';
import type { AdviceRequest } from '../cost-advisor';

/** Does one job; never throws. */
export async function runJob({ facts, only }: AdviceRequest): Promise<JobOutcome> {
  try {
    return { value: adviseCosts(facts, only) };
  } catch (error) {
    const { code, message } = toPlatformError(error);
    return { error: { code, message } };
  }
}
