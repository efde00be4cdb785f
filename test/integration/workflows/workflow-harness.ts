import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { WorkflowFailedError, type WorkflowHandle, type WorkflowResultType } from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey, type Workflow } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { ActivityTraces } from '../../../workers/control/activity-traces';
import { temporalBinary } from '../support/temporal-binary';
import type { FakeActivities } from './fake-activities';

/** Each run has a queue of its own: a child that one leaves behind would take answers from the fake of the next. */
const TASK_QUEUE = 'workflows-test';
const HISTORIES = path.join(__dirname, '../../histories');
/** `RECORD_HISTORIES=1` renews the histories that the replay test holds workflow code against. */
const record = process.env['RECORD_HISTORIES'] === '1';

let environment: TestWorkflowEnvironment;
let bundle: WorkflowBundle;

/** A Temporal server for the tests of this file. @param workflowsPath module of the workflows; default: the platform's own */
export async function startTemporal(workflowsPath = require.resolve('../../../workflows')): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
  environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary() },
      searchAttributes: ['FunctionName', 'TenantId', 'NodeName'].map(keyword),
      log: { format: 'json', level: 'error' },
      extraArgs: [
        '--dynamic-config-value',
        'history.timerProcessorMaxTimeShift="1ms"',
        '--dynamic-config-value',
        'history.transferProcessorMaxPollRPS=2000',
      ],
    },
  });
  bundle = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [require.resolve('../../../workflows/trace-interceptors')],
    logger: new DefaultLogger('ERROR'),
  });
}

export async function stopTemporal(): Promise<void> {
  await environment.teardown();
}

/** A history without the names and folders of the machine that recorded it. */
function impersonal(history: string): string {
  const root = path.join(__dirname, '../../..');
  return history
    .replaceAll(`${root}/`, '')
    .replaceAll(/"identity": *"[^"]*"/g, '"identity":"worker"')
    .replaceAll(/\d+@[\w.-]+/g, 'worker')
    .replaceAll(new RegExp(`${TASK_QUEUE}-\\d+`, 'g'), TASK_QUEUE);
}

let counter = 0;

/** Runs one workflow on a worker of its own and gives its outcome. @param meanwhile what is done to it while it runs @param traced the span that starts it */
export async function run<W extends Workflow>(
  name: string,
  workflow: W,
  input: Parameters<W>[0] | object,
  fake: FakeActivities,
  meanwhile: (handle: WorkflowHandle) => Promise<void> = () => Promise.resolve(),
  traced?: { readonly traceparent: string; readonly traces: ActivityTraces },
): Promise<{ result?: WorkflowResultType<W>; error?: WorkflowFailedError }> {
  const workflowId = `${name}-${++counter}`;
  const taskQueue = `${TASK_QUEUE}-${counter}`;
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle: bundle,
    activities: fake.all(),
    ...(traced && { sinks: traced.traces.sinks, interceptors: { activity: [traced.traces.interceptors] } }),
  });
  return worker.runUntil(async () => {
    const handle = await environment.client.workflow.start<Workflow>(workflow, {
      taskQueue,
      workflowId,
      args: [input],
      ...(traced && { memo: { traceparent: traced.traceparent } }),
    });
    try {
      await meanwhile(handle);
      return { result: (await handle.result()) as WorkflowResultType<W> };
    } catch (error) {
      if (error instanceof WorkflowFailedError) return { error };
      throw error;
    } finally {
      if (record) {
        mkdirSync(HISTORIES, { recursive: true });
        writeFileSync(path.join(HISTORIES, `${name}.json`), impersonal(historyToJSON(await handle.fetchHistory())));
      }
    }
  });
}
