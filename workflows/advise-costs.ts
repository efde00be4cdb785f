import { ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Activities } from '../activities/activities';
import type { AdvisedCosts } from '../activities/advice-activities';
import {
  adviseCostsInput,
  applyAdviceWorkflowId,
  windowMs,
  type AdviseCostsInput,
} from '../core/control/workflow-inputs';
import type { PolicyEvidence } from '../core/cost/advice/advice-facts';
import { applyAdvice } from './apply-advice';
import { codeOf, reasonOf, validated } from './failure';
import { PLANNING, QUICK, REPLAY } from './options';
import { Progress } from './progress';

const quick = proxyActivities<Activities>(QUICK);
const court = proxyActivities<Activities>(REPLAY);
const planning = proxyActivities<Activities>(PLANNING);

const MINUTE_MS = 60_000;

export interface AdviseCostsResult extends AdvisedCosts {
  readonly from: string;
  readonly to: string;
}

/**
 * Looks for savings: replays policies on what was recorded → asks every strategy what it would change → keeps what they advise → applies
 * what the configuration has applied by itself, a few at a time.
 */
export async function adviseCosts(input: AdviseCostsInput): Promise<AdviseCostsResult> {
  const { tenant, strategies, window, policies, dryRun } = validated('adviseCosts', adviseCostsInput, input);
  const progress = new Progress('Look for savings');
  const to = Math.floor(workflowInfo().runStartTime.getTime() / MINUTE_MS) * MINUTE_MS;
  const looked = { from: new Date(to - windowMs(window)).toISOString(), to: new Date(to).toISOString() };
  const replayed: PolicyEvidence[] = [];
  // One policy serves all tenants: what concerns one of them has no part in it.
  if (tenant === undefined && (strategies?.includes('keep-alive') ?? true)) {
    const live = await quick.livePolicy();
    for (const policy of new Set([live, ...policies])) {
      progress.begin(`replay ${looked.from} to ${looked.to} under ${policy}`);
      try {
        replayed.push(await court.replayEvidence({ policy, ...looked }));
      } catch (error) {
        if (codeOf(error) !== 'invalid_argument') throw error;
        progress.note(reasonOf(error));
        break;
      }
    }
  }
  progress.begin('ask the strategies');
  const advised = await planning.adviseCosts({ ...looked, tenant, strategies, policies: replayed, dryRun });
  for (const id of advised.apply) {
    progress.begin(`apply ${id}, as cost.autoApply says`);
    try {
      await startChild(applyAdvice, {
        workflowId: applyAdviceWorkflowId(id),
        args: [{ id, by: 'policy' }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      progress.note('it is being applied already');
    }
  }
  progress.finish(table(advised));
  return { ...looked, ...advised };
}

function table({ found, savesMonthly, told }: AdvisedCosts): string {
  const rows = told.map(
    ({ id, strategy, title, savesMonthly: saves, confidence }) =>
      `| ${id} | ${strategy} | ${saves.toFixed(2)} $ | ${confidence} | ${title} |`,
  );
  const title = `${found} recommendation(s), ${savesMonthly.toFixed(2)} $ a month at most together`;
  return [title, '', '| id | strategy | saves a month | sure | what |', '| --- | --- | --- | --- | --- |', ...rows].join('\n'); // prettier-ignore
}
