import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import { warmPoolsInput, type WarmPoolsInput } from '../core/control/workflow-inputs';
import { planPools, type PoolTarget } from '../core/warming/pool-plan';
import { validated } from './failure';
import { QUICK } from './options';
import { Progress } from './progress';

const quick = proxyActivities<Activities>({ ...QUICK, scheduleToCloseTimeout: '50 seconds' });

export interface WarmPoolsResult {
  readonly plan: readonly PoolTarget[];
  /** Revisions whose target a node's memory cut. */
  readonly capped: readonly string[];
  readonly applied: boolean;
}

/** Each minute: traffic of the last minutes → instances to keep ready per function → the agents. */
export async function warmPools(input: WarmPoolsInput): Promise<WarmPoolsResult> {
  const { tenant, functions, windowMinutes, bufferFactor, dryRun } = validated('warmPools', warmPoolsInput, input);
  const progress = new Progress('Warm pools');
  progress.begin(`read the traffic of the last ${windowMinutes} minutes`);
  const traffic = await quick.readTraffic({ tenant, functions, windowMinutes });
  const plan = planPools(traffic, windowMinutes * 60, bufferFactor);
  if (dryRun) {
    progress.finish(table(plan));
    return { plan, capped: [], applied: false };
  }
  progress.begin(`tell the agents about ${plan.length} function(s)`);
  const { capped } = await quick.applyTargets({ plan });
  progress.finish(table(plan));
  return { plan, capped, applied: true };
}

function table(plan: readonly PoolTarget[]): string {
  if (plan.length === 0) return 'no function had traffic or a floor';
  const rows = plan.map((item) => `| ${item.tenant}/${item.function} | ${item.frozen} | ${item.reason} |`);
  return ['targets set', '', '| function | ready | because |', '| --- | --- | --- |', ...rows].join('\n');
}
