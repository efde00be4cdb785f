import { rootCause, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/common';
import {
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
  type WorkflowHandle,
  type WorkflowStartOptions,
  type Workflow,
} from '@temporalio/client';
import { drainWorkflowId } from '../../core/control/drain-workflow-id';
import { retrainWorkflowId } from '../../core/control/retrain-workflow-id';
import { checkpointWorkflowId, deployWorkflowId, enforceWorkflowId } from '../../core/control/workflow-inputs';
import { isPlatformError, PlatformError } from '../../core/error/platform-error';
import type { JudgedCase, WorkflowStarter } from './api-context';
import { listSchedules, listWorkflows } from './temporal-listing';

const RETRY_AFTER_SECONDS = 5;
/** A deployment that has been told of as ended takes a moment until its workflow has; asked so often, and so long at most. */
const [ENDING_LOOK_MS, ENDING_MS] = [100, 10_000];

/**
 * Starts workflows by a Temporal client. Give it a client on a `lazyTemporalConnection`, so that a gateway
 * starts, and serves invocations, while Temporal is away.
 * @param traceparent the span from which what it starts goes on; it stands in the memo of the workflows
 */
export function createTemporalWorkflowStarter(
  client: Client,
  taskQueue: string,
  traceparent?: string,
): WorkflowStarter {
  const traced = traceparent === undefined ? undefined : { traceparent };
  const reach = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (isPlatformError(error)) throw error;
      throw new PlatformError('unavailable', `Temporal is away: ${what}`, {
        cause: error,
        hint: 'The platform brings it back by itself; try again in a moment.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  };
  const start = (type: string, workflowId: string, input: object, memo?: Record<string, unknown>): Promise<unknown> => {
    const options: WorkflowStartOptions<Workflow> = {
      taskQueue,
      workflowId,
      args: [input],
      // A request that is repeated joins the run that its first sending started.
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      ...(memo || traced ? { memo: { ...memo, ...traced } } : {}),
    };
    return reach(`the workflow ${workflowId} could not be started`, () => client.workflow.start(type, options));
  };
  /** False when no such workflow runs. */
  const tell = (workflowId: string, signal: string, args: readonly string[]): Promise<boolean> =>
    reach(`the workflow ${workflowId} could not be told`, async () => {
      try {
        await client.workflow.getHandle(workflowId).signal(signal, ...args);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    });
  const starter: WorkflowStarter = {
    within: (span) => (span === undefined ? starter : createTemporalWorkflowStarter(client, taskQueue, span)),
    startDeploy: async (input) => {
      const workflowId = deployWorkflowId(input.tenant ?? 'default', input.function, input.revision);
      const { deploymentId } = input;
      for (const since = performance.now(); ; await new Promise((resolve) => setTimeout(resolve, ENDING_LOOK_MS))) {
        await start('deployFunction', workflowId, input, { deploymentId });
        const run = await reach(`the workflow ${workflowId} could not be looked at`, () =>
          client.workflow.getHandle(workflowId).describe(),
        );
        // One that a person has started reports under the id of its run.
        if (run.memo?.['deploymentId'] === deploymentId || run.runId === deploymentId) return;
        // What runs is about to end, and will tell nothing of this deployment.
        if (performance.now() - since < ENDING_MS) continue;
        throw new PlatformError('unavailable', `${workflowId} still runs for an earlier deployment`, {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
    },
    startCheckpoint: async (input) => {
      const workflowId = checkpointWorkflowId(input.tenant ?? 'default', input.function, input.revision);
      await start('checkpointLifecycle', workflowId, input);
      return { workflowId };
    },
    startRetrain: async (input) => {
      const workflowId = retrainWorkflowId(input.tenant, input.functions);
      await start('retrainModels', workflowId, input);
      return { workflowId };
    },
    startPlan: async (workflowId, input) => {
      await start('optimizePlacement', workflowId, input);
    },
    startDrain: async (input) => {
      const workflowId = drainWorkflowId(input.node, input.reason);
      await start('drainNode', workflowId, input);
      return { workflowId };
    },
    startJudge: async (workflowId, input) => {
      await start('judgePolicies', workflowId, input);
    },
    startAdvise: async (workflowId, input) => {
      await start('adviseCosts', workflowId, input);
    },
    startApplyAdvice: async (workflowId, input) => {
      await start('applyAdvice', workflowId, input);
    },
    signalAdvice: (workflowId, signal, reason) => tell(workflowId, signal, [reason]),
    startLedgerCheck: async (workflowId, input) => {
      await start('keepLedger', workflowId, input);
    },
    judged: (workflowId) =>
      reach(`the workflow ${workflowId} could not be looked at`, () => judged(client.workflow.getHandle(workflowId))),
    startMigration: async (workflowId, input) => {
      await reach(`the workflow ${workflowId} could not be started`, async () => {
        try {
          await client.workflow.start('migrateFunction', {
            taskQueue,
            workflowId,
            args: [input],
            workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
            workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
            ...(traced ? { memo: traced } : {}),
          });
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          throw new PlatformError('conflict', `${input.function} is being moved already, by ${workflowId}`, {
            hint: 'Wait for its end, or abort it: POST /v1/migrations/{id}/abort.',
          });
        }
      });
    },
    startEnforce: async (tenant) => {
      await start('enforceBudget', enforceWorkflowId(tenant), { tenant });
    },
    signalMigration: (workflowId, signal, reason) => tell(workflowId, signal, reason === undefined ? [] : [reason]),
    list: (filter) => reach('workflows could not be listed', () => listWorkflows(client, filter)),
    schedules: () => reach('schedules could not be listed', () => listSchedules(client)),
    ping: async () => {
      await reach('it does not answer', () => client.workflowService.getSystemInfo({}));
    },
  };
  return starter;
}

async function judged(handle: WorkflowHandle): Promise<JudgedCase | null> {
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return { state: 'running', error: null, result: null };
    return { state: 'done', error: null, result: await handle.result() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { state: 'failed', error: rootCause(error) ?? error.message, result: null };
  }
}
