import {
  CancellationScope,
  executeChild,
  isCancellation,
  proxyActivities,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { RevisionRef } from '../activities/revision-ref';
import {
  checkpointLifecycleInput,
  checkpointWorkflowId,
  type CheckpointLifecycleInput,
} from '../core/control/workflow-inputs';
import { codeOf, reasonOf, validated } from './failure';
import { CRIU, QUICK, ROLLOUT, TEMPLATE } from './options';
import { Progress } from './progress';
import { FUNCTION_NAME, NODE_NAME, TENANT_ID } from './search-attributes';

const quick = proxyActivities<Activities>(QUICK);
const criu = proxyActivities<Activities>(CRIU);
const template = proxyActivities<Activities>(TEMPLATE);
const rollout = proxyActivities<Activities>(ROLLOUT);

/** Instances die under a checkpoint (an agent killed at the wrong moment); then a new template is tried. */
const MAX_TEMPLATES = 3;

export interface CheckpointLifecycleResult {
  readonly made: readonly string[];
  readonly dropped: readonly string[];
  readonly failed: readonly string[];
}

/**
 * init → warm-up → checkpoint → compress, encrypt, sign → verify by a restore → publish; or, with `retention`, drops
 * what nothing needs and renews what was made under another kernel, CPU or runtime.
 */
export async function checkpointLifecycle(input: CheckpointLifecycleInput): Promise<CheckpointLifecycleResult> {
  const checked = validated('checkpointLifecycle', checkpointLifecycleInput, input);
  if (checked.retention === true) return retain();
  const { tenant, function: name, revision, instance, reason } = checked;
  const progress = new Progress(`Checkpoint ${tenant}/${name} (${reason})`);
  const ref = await quick.resolveRevision({ tenant, function: name, revision });
  const node = checked.node ?? (await quick.verifyRevision({ ref })).node;
  upsertSearchAttributes([
    { key: FUNCTION_NAME, value: name },
    { key: TENANT_ID, value: tenant },
    { key: NODE_NAME, value: node },
  ]);
  for (let attempt = 1; ; attempt++) {
    try {
      const made = await makeOne(ref, node, attempt === 1 ? instance : undefined, attempt, progress);
      return { made: [made], dropped: await supersede(ref, node, made), failed: [] };
    } catch (error) {
      if (
        isCancellation(error) ||
        attempt === MAX_TEMPLATES ||
        !['not_found', 'checkpoint_failed', 'restore_failed', 'unavailable'].includes(codeOf(error))
      ) {
        progress.finish(`failed: ${reasonOf(error)}`);
        throw error;
      }
      progress.note(`failed (${reasonOf(error)}), once more with a new instance`);
    }
  }
}

/** One checkpoint from one instance; on failure nothing of it is left. */
async function makeOne(
  ref: RevisionRef,
  node: string,
  given: string | undefined,
  attempt: number,
  progress: Progress,
): Promise<string> {
  let instance = given;
  const { workflowId, runId } = workflowInfo();
  const checkpoint = uuid4();
  try {
    if (instance === undefined) {
      progress.begin(`start an instance on ${node} and send the warm-up requests`);
      instance = (await template.startTemplate({ ref, node, key: `${workflowId}/${runId}/${attempt}`, warmUp: true }))
        .instance;
    }
    progress.begin('checkpoint');
    await quick.openCheckpoint({ ref, node, checkpoint });
    const taken = await criu.takeCheckpoint({ ref, node, checkpoint, instance });
    progress.note(`${(taken.rawBytes / 2 ** 20).toFixed(1)} MiB, stood still ${taken.pauseMs.toFixed(1)} ms`);
    progress.begin('compress, encrypt, sign');
    const sealed = await criu.sealCheckpoint({ ref, node, checkpoint });
    progress.note(`${(sealed.sealedBytes / 2 ** 20).toFixed(1)} MiB`);
    progress.begin('verify by a restore');
    const verified = await criu.verifyCheckpoint({ ref, node, checkpoint, digest: sealed.digest });
    progress.note(`${verified.restoreMs.toFixed(1)} ms`);
    progress.begin('publish');
    await criu.publishCheckpoint({ ref, node, checkpoint, digest: sealed.digest, hostKey: taken.hostKey });
    progress.finish(`checkpoint ${checkpoint} is in use on ${node}`);
    return checkpoint;
  } catch (error) {
    await CancellationScope.nonCancellable(() =>
      rollout.dropCheckpoint({ ref, node, checkpoint, reason: reasonOf(error) }),
    );
    throw error;
  } finally {
    // An instance that came from outside is its giver's; one of ours joins the pool.
    if (instance !== undefined && given === undefined) {
      const ours = { node, instance, keep: true };
      await CancellationScope.nonCancellable(() => rollout.releaseTemplate(ours));
    }
  }
}

async function supersede(ref: RevisionRef, node: string, made: string): Promise<string[]> {
  const older = await quick.olderCheckpoints({ ref, node, except: made });
  for (const checkpoint of older) await rollout.dropCheckpoint({ ref, node, checkpoint, reason: 'superseded' });
  return older;
}

async function retain(): Promise<CheckpointLifecycleResult> {
  const progress = new Progress('Retention of checkpoints');
  progress.begin('look for what is no longer needed or no longer fits its node');
  const plan = await quick.planRetention();
  const dropped: string[] = [];
  const made: string[] = [];
  const failed: string[] = [];
  for (const item of plan.drop) {
    progress.begin(`drop ${item.checkpoint} (${item.reason})`);
    await rollout.dropCheckpoint(item);
    dropped.push(item.checkpoint);
  }
  for (const { ref, node, reason } of plan.renew) {
    progress.begin(`renew ${ref.tenant}/${ref.function} on ${node} (${reason})`);
    try {
      const child = await executeChild(checkpointLifecycle, {
        workflowId: checkpointWorkflowId(ref.tenant, ref.function, ref.revision),
        args: [{ tenant: ref.tenant, function: ref.function, revision: ref.revision, node, reason }],
      });
      made.push(...child.made);
    } catch (error) {
      if (isCancellation(error)) throw error;
      failed.push(`${ref.tenant}/${ref.function}: ${reasonOf(error)}`);
      progress.note(`failed: ${reasonOf(error)}`);
    }
  }
  progress.begin('partitions of the record tables');
  await quick.maintainPartitions();
  progress.finish(`${dropped.length} dropped, ${made.length} renewed, ${failed.length} failed`);
  return { made, dropped, failed };
}
