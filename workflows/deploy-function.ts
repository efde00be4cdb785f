import {
  CancellationScope,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  patched,
  proxyActivities,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { RevisionRef } from '../activities/revision-ref';
import { checkpointWorkflowId, deployFunctionInput, type DeployFunctionInput } from '../core/control/workflow-inputs';
import { checkpointLifecycle } from './checkpoint-lifecycle';
import { codeOf, reasonOf, validated } from './failure';
import { QUICK, ROLLOUT, TEMPLATE } from './options';
import { Progress } from './progress';
import { FUNCTION_NAME, TENANT_ID } from './search-attributes';

const quick = proxyActivities<Activities>(QUICK);
const starting = proxyActivities<Activities>(TEMPLATE);
const rollout = proxyActivities<Activities>(ROLLOUT);

export interface DeployFunctionResult {
  readonly function: string;
  readonly revision: number;
  readonly alias: string;
  readonly checkpoint: 'made' | 'after the first request' | 'none' | 'failed';
}

/**
 * Brings a revision into service: verify code → start → health check → checkpoint → switch the alias (by canary steps
 * when asked) → retire what nothing points at. Whatever fails before the switch leaves the alias as it was.
 */
export async function deployFunction(input: DeployFunctionInput): Promise<DeployFunctionResult> {
  const {
    tenant,
    function: name,
    revision,
    alias,
    canary,
    deploymentId,
  } = validated('deployFunction', deployFunctionInput, input);
  upsertSearchAttributes([
    { key: FUNCTION_NAME, value: name },
    { key: TENANT_ID, value: tenant },
  ]);
  const progress = new Progress(`Deploy ${tenant}/${name}`);
  const ref = await quick.resolveRevision({ tenant, function: name, revision });
  const { workflowId, runId } = workflowInfo();
  const deployment = await quick.openDeployment({ ref, workflowId, runId, deploymentId });

  const step = async (text: string): Promise<void> => {
    progress.begin(text);
    await quick.reportDeployment({ deployment, step: text });
  };
  let template: { node: string; instance: string } | undefined;
  let before: Awaited<ReturnType<typeof quick.readAlias>> | undefined;
  try {
    await step(`verify the code of revision ${ref.revision}`);
    const { moment, node } = await quick.verifyRevision({ ref });

    await step(`start on ${node}`);
    const started = await starting.startTemplate({
      ref,
      node,
      key: `${workflowId}/${runId}`,
      warmUp: moment === 'deploy',
    });
    template = { node, instance: started.instance };

    let checkpoint: DeployFunctionResult['checkpoint'] =
      moment === 'first-request' ? 'after the first request' : 'none';
    if (moment === 'deploy') {
      await step('make a checkpoint');
      checkpoint = await makeCheckpoint(ref, template, progress);
    }

    await quick.markRevision({ ref, state: 'ready' });
    if (patched('placement')) await quick.placeFunction({ ref, node });
    before = await quick.readAlias({ ref, alias });
    for (const percent of canary?.steps ?? []) {
      await step(`send ${percent} % of ${alias} to revision ${ref.revision}`);
      const since = Date.now();
      await quick.shiftAlias({ ref, alias, percent, base: before });
      await sleep(`${canary?.holdSeconds ?? 0} seconds`, { summary: 'canary hold' });
      await quick.checkCanary({ ref, since, maxErrorShare: canary?.maxErrorShare ?? 0 });
    }
    await step(`switch ${alias} to revision ${ref.revision}`);
    await quick.shiftAlias({ ref, alias, percent: 100, base: before });

    await rollout.releaseTemplate({ ...template, keep: true });
    await step('retire what nothing points at');
    await rollout.retireUnused({ ref });
    await quick.closeDeployment({ deployment, ref, state: 'succeeded', error: null });
    progress.finish(`revision ${ref.revision} serves ${alias}`);
    return { function: name, revision: ref.revision, alias, checkpoint };
  } catch (error) {
    const reason = isCancellation(error) ? 'cancelled' : reasonOf(error);
    await CancellationScope.nonCancellable(async () => {
      if (before) await quick.restoreAlias({ ref, alias, base: before });
      else await quick.markRevision({ ref, state: 'failed', error: reason });
      if (template) await rollout.releaseTemplate({ ...template, keep: false });
      await quick.closeDeployment({ deployment, ref, state: 'failed', error: reason });
    });
    progress.finish(`failed, ${alias} is as it was: ${reason}`);
    throw error;
  }
}

/** A deploy does not fail for want of a checkpoint: the function then starts cold, and retention tries again. */
async function makeCheckpoint(
  ref: RevisionRef,
  template: { node: string; instance: string },
  progress: Progress,
): Promise<'made' | 'none' | 'failed'> {
  try {
    const result = await executeChild(checkpointLifecycle, {
      workflowId: checkpointWorkflowId(ref.tenant, ref.function, ref.revision),
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      args: [
        {
          tenant: ref.tenant,
          function: ref.function,
          revision: ref.revision,
          node: template.node,
          instance: template.instance,
          reason: 'deploy',
        },
      ],
    });
    return result.made.length > 0 ? 'made' : 'none';
  } catch (error) {
    if (isCancellation(error)) throw error;
    progress.note(
      codeOf(error) === 'unsupported' ? 'this node makes none' : `failed (${reasonOf(error)}), starts will be cold`,
    );
    return codeOf(error) === 'unsupported' ? 'none' : 'failed';
  }
}
