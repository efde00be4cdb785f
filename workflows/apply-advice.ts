import {
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { BegunAdvice } from '../activities/applying-activities';
import { drainWorkflowId } from '../core/control/drain-workflow-id';
import {
  applyAdviceInput,
  deployWorkflowId,
  migrateWorkflowId,
  windowMs,
  type ApplyAdviceInput,
} from '../core/control/workflow-inputs';
import { describeChange, describeUndo, type AdviceChange } from '../core/cost/advice/advice-change';
import type { AdviceVerdict } from '../core/cost/advice/judge-advice';
import { deployFunction } from './deploy-function';
import { drainNode } from './drain-node';
import { reasonOf, validated } from './failure';
import { migrateFunction } from './migrate-function';
import { QUICK, REPLAY } from './options';
import { Progress } from './progress';
import { FUNCTION_NAME, TENANT_ID } from './search-attributes';

const quick = proxyActivities<Activities>(QUICK);
const court = proxyActivities<Activities>(REPLAY);

/** Ends the watch: the change stays, or is taken back. */
export const keepSignal = defineSignal('keep');
export const revertSignal = defineSignal<[reason?: string]>('revert');
export const watchQuery = defineQuery<string>('watch');

/** Windows after which there may still be too little to tell by. */
const WINDOWS = 3;
const MOST_REASON = 500;

export interface ApplyAdviceResult {
  readonly id: string;
  readonly outcome: 'kept' | 'reverted';
  readonly reason: string;
}

/**
 * Carries a recommendation out, waits a window, and judges what came of it: in the replay court or by the ledger. One that lost is taken
 * back. Each change is a workflow of its own that leaves all as it was where it fails: a deploy, a migration, a drain.
 */
export async function applyAdvice(input: ApplyAdviceInput): Promise<ApplyAdviceResult> {
  const { id, by, window, undo } = validated('applyAdvice', applyAdviceInput, input);
  const { workflowId } = workflowInfo();
  const progress = new Progress(`${undo ? 'Take back' : 'Apply'} recommendation ${id}`);
  const asked: { decision: 'keep' | 'revert' | null; reason: string } = { decision: null, reason: '' };
  const ask = (decision: 'keep' | 'revert', reason: string): void => {
    if (asked.decision === null) Object.assign(asked, { decision, reason: reason.slice(0, MOST_REASON) });
  };
  setHandler(keepSignal, () => ask('keep', 'kept by hand'), { description: 'The change stays, whatever comes of it' });
  setHandler(revertSignal, (why) => ask('revert', why ?? 'taken back by hand'), { description: 'Take it back now' });
  setHandler(watchQuery, () => asked.decision ?? 'undecided', { description: 'Whether somebody has decided' });

  progress.begin('look whether it still holds');
  const advice = await quick.beginAdvice({ id, by, undo, workflowId });
  const { change, tenant, function: name } = advice;
  if (tenant !== null) upsertSearchAttributes([{ key: TENANT_ID, value: tenant }]);
  if (name !== null) upsertSearchAttributes([{ key: FUNCTION_NAME, value: name }]);
  if (undo) return takenBack(advice, 'taken back by hand', progress);

  progress.begin(describeChange(change));
  try {
    await carryOut(change);
  } catch (error) {
    const reason = isCancellation(error) ? 'cancelled' : reasonOf(error);
    await CancellationScope.nonCancellable(() => quick.noteAdvice({ advice, state: 'failed', reason }));
    progress.finish(`failed: ${reason}`);
    throw error;
  }
  await quick.noteAdvice({ advice, state: 'watching', reason: `${describeChange(change)}; judged after ${window}` });
  const verdict = await watched(advice, windowMs(window), asked, progress);
  if (verdict.decision === 'reverted') return takenBack(advice, verdict.reason, progress);
  await CancellationScope.nonCancellable(() => quick.noteAdvice({ advice, state: 'kept', reason: verdict.reason }));
  progress.finish(`kept: ${verdict.reason}`);
  return { id, outcome: 'kept', reason: verdict.reason };
}

async function watched(
  { change }: BegunAdvice,
  ms: number,
  asked: { readonly decision: 'keep' | 'revert' | null; readonly reason: string },
  progress: Progress,
): Promise<AdviceVerdict> {
  const appliedAt = new Date(Date.now()).toISOString();
  let verdict: AdviceVerdict = { decision: 'undecided', reason: '' };
  try {
    for (let round = 1; verdict.decision === 'undecided' && round <= WINDOWS; round++) {
      progress.begin(`watch, ${round} of ${WINDOWS} windows at most`);
      if (await condition(() => asked.decision !== null, ms)) {
        return { decision: asked.decision === 'revert' ? 'reverted' : 'kept', reason: asked.reason };
      }
      progress.begin('judge');
      const to = new Date(Date.now()).toISOString();
      const replayed =
        change.kind === 'policy'
          ? [
              await court.replayEvidence({ policy: change.to, from: appliedAt, to }),
              await court.replayEvidence({ policy: change.from, from: appliedAt, to }),
            ]
          : [];
      verdict = await quick.judgeAdvice({ change, appliedAt, to, replayed });
      progress.note(verdict.reason);
    }
  } catch (error) {
    const why = isCancellation(error)
      ? 'nobody watches it any more: cancelled'
      : `nobody could judge it: ${reasonOf(error)}`;
    return { decision: 'kept', reason: why };
  }
  return verdict;
}

async function takenBack(advice: BegunAdvice, reason: string, progress: Progress): Promise<ApplyAdviceResult> {
  const { id, change } = advice;
  return CancellationScope.nonCancellable(async () => {
    progress.begin(`${describeUndo(change)}: ${reason}`);
    if (!(await quick.adviceApplied({ change }))) {
      const other = `${reason}; but somebody has changed it since, and nothing is taken back`;
      await quick.noteAdvice({ advice, state: 'kept', reason: other });
      progress.finish(other);
      return { id, outcome: 'kept', reason: other };
    }
    try {
      await carryBack(change);
    } catch (error) {
      const failed = `${reason}; taking it back failed: ${reasonOf(error)}`;
      await quick.noteAdvice({ advice, state: 'kept', reason: failed });
      progress.finish(failed);
      throw error;
    }
    await quick.noteAdvice({ advice, state: 'reverted', reason });
    progress.finish(`reverted: ${reason}`);
    return { id, outcome: 'reverted', reason };
  });
}

async function carryOut(change: AdviceChange): Promise<void> {
  switch (change.kind) {
    case 'spec': {
      const { revision, deploymentId } = await quick.patchedRevision({ change });
      return deployed(change, revision, deploymentId);
    }
    case 'policy':
      if (await quick.switchPolicy({ from: change.from, to: change.to })) return;
      throw ApplicationFailure.nonRetryable('Somebody has chosen another policy meanwhile', 'precondition_failed');
    case 'move':
      return moved(change, change.from, change.to);
    case 'drain':
      try {
        await executeChild(drainNode, {
          workflowId: drainWorkflowId(change.node, 'drain'),
          args: [{ node: change.node, why: 'a cost recommendation' }],
          parentClosePolicy: ParentClosePolicy.ABANDON,
        });
      } catch (error) {
        await CancellationScope.nonCancellable(() => quick.readyNode({ node: change.node }));
        throw error;
      }
  }
}

async function carryBack(change: AdviceChange): Promise<void> {
  switch (change.kind) {
    case 'spec':
      return deployed(change, change.revision);
    case 'policy':
      await quick.switchPolicy({ from: change.to, to: change.from });
      return;
    case 'move':
      return moved(change, change.to, change.from);
    case 'drain':
      return quick.readyNode({ node: change.node });
  }
}

async function deployed(
  { tenant, function: name }: Extract<AdviceChange, { kind: 'spec' }>,
  revision: number,
  deploymentId?: string,
): Promise<void> {
  await executeChild(deployFunction, {
    workflowId: deployWorkflowId(tenant, name, revision),
    args: [{ tenant, function: name, revision, ...(deploymentId === undefined ? {} : { deploymentId }) }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

async function moved(
  { tenant, function: name }: Extract<AdviceChange, { kind: 'move' }>,
  from: string,
  to: string,
): Promise<void> {
  const { outcome, reason } = await executeChild(migrateFunction, {
    workflowId: migrateWorkflowId(tenant, name),
    args: [{ tenant, function: name, from, to, reason: 'placement' }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
  if (outcome !== 'completed') throw ApplicationFailure.nonRetryable(reason ?? 'rolled back', 'conflict');
}
