import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/activities';
import type { ActivityDependencies } from '../../../activities/dependencies';
import { temporalBinary } from './temporal-binary';

/** A Temporal server with the search attributes that the platform's workflows set. */
export function startPlatformTemporal(): Promise<TestWorkflowEnvironment> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary() },
      searchAttributes: ['FunctionName', 'TenantId', 'NodeName'].map(keyword),
      log: { format: 'json', level: 'error' },
    },
  });
}

/** A worker with the platform's workflows and activities. @param dependencies those that the test's workflows use */
export async function startPlatformWorker(
  temporal: TestWorkflowEnvironment,
  taskQueue: string,
  dependencies: object,
): Promise<{ stop(): Promise<void> }> {
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    activities: createActivities(dependencies as ActivityDependencies),
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('../../../workflows'),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const working = worker.run();
  return {
    stop() {
      worker.shutdown();
      return working;
    },
  };
}
