import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import pino from 'pino';
import { loadConfig } from '../../../workers/config';
import {
  deploymentOptions,
  VersionLife,
  workerVersion,
  type WorkerVersion,
} from '../../../workers/control/worker-version';
import { FakeActivities } from '../workflows/fake-activities';
import { eventually } from '../support/eventually';
import { temporalBinary } from '../support/temporal-binary';

jest.setTimeout(180_000);

const TASK_QUEUE = 'versions';
const log = pino({ level: 'silent' });

let environment: TestWorkflowEnvironment;
let bundle: WorkflowBundle;
const running: Build[] = [];

beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalBinary() },
      searchAttributes: ['FunctionName', 'TenantId', 'NodeName'].map((name) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD)), // prettier-ignore
      log: { format: 'json', level: 'error' },
      extraArgs: ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'],
    },
  });
  bundle = await bundleWorkflowCode({ workflowsPath: require.resolve('../../../workflows/versioned'), logger });
});
afterAll(async () => {
  // Also those that a failed test has left: a worker that polls keeps the process alive.
  await Promise.all(running.map((build) => build.stop()));
  await environment.teardown();
});

/** One control worker of a build. */
interface Build {
  readonly version: WorkerVersion;
  readonly life: VersionLife;
  /** Lets its `planWarmth` end. */
  readonly goOn: () => void;
  stop(): Promise<void>;
}

async function startBuild(buildId: string): Promise<Build> {
  const config = loadConfig({}, { temporal: { versioning: { enabled: true, buildId } } });
  const version = workerVersion(config);
  if (!version) throw new Error('versioning is off');
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const activities = new FakeActivities().all();
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: bundle,
    activities: { ...activities, planWarmth: (...args: Parameters<typeof activities.planWarmth>) => held.then(() => activities.planWarmth(...args)) }, // prettier-ignore
    ...deploymentOptions(version),
  });
  const end = worker.run();
  const build: Build = {
    version,
    goOn,
    life: new VersionLife(environment.client, 'default', version, log),
    stop: async () => {
      goOn();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await end;
    },
  };
  running.push(build);
  return build;
}

const start = (type: string, workflowId: string, input: object): Promise<WorkflowHandle> =>
  environment.client.workflow.start(type, { taskQueue: TASK_QUEUE, workflowId, args: [input] });

/** The builds that ran a workflow's steps, in order. */
async function buildsOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
    done ? [done.deploymentVersion?.buildId ?? 'none'] : [],
  );
}

const MOVE = { function: 'hello', to: 'edge-1', steps: [50], holdSeconds: 0.01, approval: true };

test('a migration ends on the build that it began with, what schedules start goes on with the next', async () => {
  const one = await startBuild('one');
  await one.life.promote();
  // Ready ahead: the plan that is held has only so long.
  const two = await startBuild('two');
  const old = await start('migrateFunction', 'migrate-old', MOVE);
  const warm = await start('warmPools', 'warm', {});
  const waits = (handle: WorkflowHandle) => async () =>
    JSON.stringify(await handle.query('progress').catch(() => '')).includes('approv') || undefined;
  await eventually(waits(old), 'the wait for approval');
  await eventually(async () => ((await buildsOf(warm)).length > 0 ? true : undefined), 'its first step');

  await two.life.promote();
  const young = await start('migrateFunction', 'migrate-young', MOVE);
  await eventually(waits(young), 'the wait for approval');

  // Told to stop, the old worker stays for its migration.
  let drained: number | undefined;
  const drain = one.life.drain(120_000).then((left) => (drained = left));
  one.goOn();
  await warm.result();
  expect(drained).toBeUndefined();
  for (const handle of [old, young]) await handle.signal('approve');
  for (const handle of [old, young]) expect(await handle.result()).toMatchObject({ outcome: 'completed' });
  await drain;
  expect(drained).toBe(0);
  await one.stop();

  expect(new Set(await buildsOf(old))).toEqual(new Set(['one']));
  expect(new Set(await buildsOf(young))).toEqual(new Set(['two']));
  const [first, ...later] = await buildsOf(warm);
  expect(first).toBe('one');
  expect(later.at(-1)).toBe('two');

  // A worker of the old build that is started anew does not take the place of the new one.
  const again = await startBuild('one');
  await again.life.promote();
  const last = await start('migrateFunction', 'migrate-last', { ...MOVE, approval: false });
  await last.result();
  expect(new Set(await buildsOf(last))).toEqual(new Set(['two']));
  // Nothing holds it, nor the current build, whose other workers take over.
  expect(await again.life.drain(0)).toBe(0);
  expect(await two.life.drain(0)).toBe(0);
  await Promise.all([again.stop(), two.stop()]);
});

test('a build that must leave workflows behind says how many', async () => {
  const three = await startBuild('three');
  await three.life.promote();
  const left = await start('migrateFunction', 'migrate-left', MOVE);
  await eventually(async () => ((await buildsOf(left)).length > 0 ? true : undefined), 'its first step');
  const four = await startBuild('four');
  await four.life.promote();
  expect(await three.life.drain(0)).toBe(1);
  await left.terminate();
  await Promise.all([three.stop(), four.stop()]);
});
