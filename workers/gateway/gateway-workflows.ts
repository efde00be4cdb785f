import { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { CheckpointDueMessage } from '../../agent/rpc/agent-messages';
import type { WorkflowStarter } from '../../gateway/api/api-context';
import { lazyTemporalConnection } from '../../gateway/api/temporal-connection';
import { createTemporalWorkflowStarter } from '../../gateway/api/temporal-workflow-starter';
import type { Config } from '../config';
import { temporalAccess } from '../temporal-access';
import { temporalUiUrl } from '../temporal-settings';

/**
 * Lazily: a gateway serves invocations also while Temporal is away. The connection is never closed but ends with the
 * process: a call that the SDK is about to repeat would find it closed and throw where nobody can catch.
 */
export function connectTemporal(config: Config): WorkflowStarter {
  const { namespace, taskQueue } = config.temporal;
  const connection = lazyTemporalConnection(temporalAccess(config), namespace);
  return createTemporalWorkflowStarter(new Client({ connection, namespace }), taskQueue);
}

/** Where workflows of the platform's namespace are shown. */
export function temporalUi({ temporal }: Pick<Config, 'temporal'>): string | null {
  const ui = temporalUiUrl(temporal)?.replace(/\/+$/, '');
  return ui === undefined ? null : `${ui}/namespaces/${encodeURIComponent(temporal.namespace)}`;
}

/** An agent holds an instance that is worth a checkpoint. It tells again should this fail. */
export async function startCheckpoint(
  workflows: WorkflowStarter,
  node: string,
  message: CheckpointDueMessage,
  log: Logger,
): Promise<void> {
  const { tenant, function: name, revision, instanceId, traceparent } = message;
  try {
    // It goes on from the call that asked for the instance.
    await workflows.within(traceparent || undefined).startCheckpoint({
      tenant,
      function: name,
      revision,
      instance: instanceId,
      node,
      reason: 'first request',
    });
  } catch (error) {
    log.warn({ err: error, tenant, function: name, revision, node }, 'A checkpoint that is due could not be started');
  }
}
