import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { PolicyReport } from '../activities/court-activities';
import { judgePoliciesInput, windowMs, type JudgePoliciesInput } from '../core/control/workflow-inputs';
import { validated } from './failure';
import { QUICK, TRAINING } from './options';
import { Progress } from './progress';

const quick = proxyActivities<Activities>(QUICK);
const court = proxyActivities<Activities>({
  ...TRAINING,
  retry: { ...TRAINING.retry, nonRetryableErrorTypes: ['invalid_argument'] },
});

const MINUTE_MS = 60_000;

export interface JudgePoliciesResult {
  readonly from: string;
  readonly to: string;
  readonly policies: readonly PolicyReport[];
  /** Null where nothing was to be carried out. */
  readonly verdict: { readonly decision: string; readonly reason: string } | null;
}

/** Replays a recorded window under policies, one after the other, and says, or does, what follows from their prices. */
export async function judgePolicies(input: JudgePoliciesInput): Promise<JudgePoliciesResult> {
  const checked = validated('judgePolicies', judgePoliciesInput, input);
  const { workflowId, runId, runStartTime } = workflowInfo();
  const progress = new Progress('Judge policies');
  const policies = checked.policies ?? (await quick.policiesOnTrial());
  const end = checked.until === undefined ? runStartTime.getTime() : Date.parse(checked.until);
  const to = Math.floor(end / MINUTE_MS) * MINUTE_MS;
  const window = {
    from: new Date(to - windowMs(checked.window)).toISOString(),
    to: new Date(to).toISOString(),
  };
  const { tenant, functions } = checked;
  const reports: PolicyReport[] = [];
  for (const policy of new Set(policies)) {
    progress.begin(`replay ${window.from} to ${window.to} under ${policy}`);
    reports.push(await court.replayWindow({ tenant, functions, ...window, policy }));
  }
  let verdict: JudgePoliciesResult['verdict'] = null;
  if (checked.apply) {
    progress.begin('judge');
    const prices = reports.map(({ policy, calls, price }) => ({ policy, calls, price: price.total }));
    verdict = await quick.applyVerdict({ runId, workflowId, ...window, prices });
  }
  progress.finish(table(reports, verdict));
  return { ...window, policies: reports, verdict };
}

function table(reports: readonly PolicyReport[], verdict: JudgePoliciesResult['verdict']): string {
  const title = verdict ? `${verdict.decision}: ${verdict.reason}` : `${reports[0]?.calls ?? 0} calls replayed`;
  const rows = reports.map(({ policy, coldShare, waitP99Ms, price }) => {
    const cells = [
      policy,
      `${(100 * coldShare).toFixed(2)} %`,
      `${waitP99Ms.toFixed(0)} ms`,
      `${(price.total / 1e6).toFixed(4)} $`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [title, '', '| policy | cold | wait p99 | price |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
