import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { AppliedWarmth, PlannedWarmth } from '../activities/warming-activities';
import { warmPoolsInput, type WarmPoolsInput } from '../core/control/workflow-inputs';
import { validated } from './failure';
import { QUICK, WARMTH } from './options';
import { Progress } from './progress';

const { planWarmth } = proxyActivities<Activities>(WARMTH);
const { applyTargets } = proxyActivities<Activities>({ ...QUICK, scheduleToCloseTimeout: '50 seconds' });

export interface WarmPoolsResult extends PlannedWarmth {
  /** Under which the decisions are recorded. */
  readonly decisionId: string;
  /** Null in a dry run. */
  readonly applied: AppliedWarmth | null;
}

/** Each minute: what came and what is expected → what each function's policy holds until the next minute → the agents. */
export async function warmPools(input: WarmPoolsInput): Promise<WarmPoolsResult> {
  const chosen = validated('warmPools', warmPoolsInput, input);
  const progress = new Progress('Warm pools');
  const decisionId = workflowInfo().runId;
  progress.begin('decide what to hold');
  const planned = await planWarmth({ decisionId, ...chosen });
  for (const { node, error } of planned.unreached) progress.note(`${node} does not answer (${error})`);
  if (chosen.dryRun) {
    progress.finish(table('decided, and told to nobody', planned));
    return { ...planned, decisionId, applied: null };
  }
  progress.begin(`tell the agents about ${planned.functions} function(s)`);
  const applied = await applyTargets({ decisionId });
  for (const { node, error } of applied.unreached) progress.note(`${node} could not be told (${error})`);
  for (const { function: name, error } of applied.left) progress.note(`${name} was left out (${error})`);
  progress.finish(table('targets set', planned));
  return { ...planned, decisionId, applied };
}

function table(title: string, { policy, functions, ready, waiting, decisions }: PlannedWarmth): string {
  const lines = [`${title}: ${policy} holds ${ready} instance(s) of ${functions} function(s)`];
  if (waiting > 0) lines.push('', `The past of ${waiting} function(s) has not been read yet.`);
  const held = decisions.filter(({ ready: instances }) => instances > 0);
  if (held.length > 0) lines.push('', '| function | ready | because |', '| --- | --- | --- |');
  for (const row of held) lines.push(`| ${row.tenant}/${row.function} | ${row.ready} | ${row.reason} |`);
  return lines.join('\n');
}
