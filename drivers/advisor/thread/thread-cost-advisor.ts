import type { Advice } from '../../../core/cost/advice/advice';
import { JobThread } from '../../thread/job-thread';
import type { AdviceRequest, CostAdvisor } from '../cost-advisor';

/** Asks the strategies in one thread of its own. */
export class ThreadCostAdvisor implements CostAdvisor {
  readonly #thread = new JobThread<AdviceRequest>(require.resolve('./advising-job'), 'Looking for savings');

  advise(request: AdviceRequest): Promise<readonly Advice[]> {
    return this.#thread.run(request);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
