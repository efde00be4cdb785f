import { judge } from '../../../core/court/judge';
import { toPlatformError } from '../../../core/error/platform-error';
import { policyOf } from '../../../core/warming/policies/policy-of';
import type { JobOutcome } from '../../thread/job-thread';
import { courtCaseOf, type RecordedCase } from '../court-runner';

/** One recording to be replayed. */
export interface CourtJob {
  readonly recorded: RecordedCase;
  readonly policy: string;
}

/** Does one job; never throws. */
export async function runJob({ recorded, policy }: CourtJob): Promise<JobOutcome> {
  try {
    const [verdict] = judge(courtCaseOf(recorded), [policyOf(policy)]);
    return { value: verdict };
  } catch (error) {
    const { code, message } = toPlatformError(error);
    return { error: { code, message } };
  }
}
