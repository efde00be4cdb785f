import { rootCause, WorkflowNotFoundError } from '@temporalio/common';
import {
  WorkflowFailedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
  type WorkflowHandle,
  type WorkflowStartOptions,
  type Workflow,
} from '@temporalio/client';
import { retrainWorkflowId } from '../../core/control/retrain-workflow-id';
import { PlatformError } from '../../core/error/platform-error';
import type { JudgedCase, WorkflowStarter } from './api-context';

const RETRY_AFTER_SECONDS = 5;

/**
 * Starts workflows by a Temporal client. Give it a client on a `lazyTemporalConnection`, so that a gateway
 * starts, and serves invocations, while Temporal is away.
 */
export function createTemporalWorkflowStarter(client: Client, taskQueue: string): WorkflowStarter {
  const reach = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw new PlatformError('unavailable', `Temporal is away: ${what}`, {
        cause: error,
        hint: 'The platform brings it back by itself; try again in a moment.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  };
  const start = (type: string, workflowId: string, input: object): Promise<unknown> => {
    const options: WorkflowStartOptions<Workflow> = {
      taskQueue,
      workflowId,
      args: [input],
      // A request that is repeated joins the run that its first sending started.
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    };
    return reach(`the workflow ${workflowId} could not be started`, () => client.workflow.start(type, options));
  };
  return {
    startDeploy: async (input) => {
      await start('deployFunction', `deploy/${input.tenant ?? 'default'}/${input.function}/${input.revision}`, input);
    },
    startCheckpoint: async (input) => {
      const workflowId = `checkpoint/${input.tenant ?? 'default'}/${input.function}/${input.revision}`;
      await start('checkpointLifecycle', workflowId, input);
      return { workflowId };
    },
    startRetrain: async (input) => {
      const workflowId = retrainWorkflowId(input.tenant, input.functions);
      await start('retrainModels', workflowId, input);
      return { workflowId };
    },
    startJudge: async (workflowId, input) => {
      await start('judgePolicies', workflowId, input);
    },
    judged: (workflowId) =>
      reach(`the workflow ${workflowId} could not be looked at`, () => judged(client.workflow.getHandle(workflowId))),
    ping: async () => {
      await reach('it does not answer', () => client.workflowService.getSystemInfo({}));
    },
  };
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
