import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { WorkflowFailedError, type WorkflowResultType } from '@temporalio/client';
import { SearchAttributeType, defineSearchAttributeKey, type Workflow } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import {
  checkpointLifecycle,
  deployFunction,
  forecastShard,
  judgePolicies,
  retrainModels,
  warmPools,
} from '../../../workflows';
import { temporalBinary } from '../support/temporal-binary';
import { FakeActivities } from './fake-activities';

jest.setTimeout(120_000);

const TASK_QUEUE = 'workflows-test';
const HISTORIES = path.join(__dirname, '../../histories');
/** `RECORD_HISTORIES=1` renews the histories that the replay test holds workflow code against. */
const record = process.env['RECORD_HISTORIES'] === '1';

let environment: TestWorkflowEnvironment;
let bundle: WorkflowBundle;

beforeAll(async () => {
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
    workflowsPath: require.resolve('../../../workflows'),
    logger: new DefaultLogger('ERROR'),
  });
});

afterAll(async () => {
  await environment.teardown();
});

/** A history without the names and folders of the machine that recorded it. */
function impersonal(history: string): string {
  const root = path.join(__dirname, '../../..');
  return history
    .replaceAll(`${root}/`, '')
    .replaceAll(/"identity": *"[^"]*"/g, '"identity":"worker"')
    .replaceAll(/\d+@[\w.-]+/g, 'worker');
}

let counter = 0;

/** Runs one workflow on a worker of its own and gives its outcome. */
async function run<W extends Workflow>(
  name: string,
  workflow: W,
  input: Parameters<W>[0] | object,
  fake: FakeActivities,
): Promise<{ result?: WorkflowResultType<W>; error?: WorkflowFailedError }> {
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowBundle: bundle,
    activities: fake.all(),
  });
  return worker.runUntil(async () => {
    const workflowId = `${name}-${++counter}`;
    const handle = await environment.client.workflow.start<Workflow>(workflow, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
    });
    try {
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

describe('deployFunction', () => {
  it('verifies, starts, checkpoints, switches the alias and retires the old revision, in that order', async () => {
    const fake = new FakeActivities();
    const { result } = await run('deploy', deployFunction, { function: 'hello' }, fake);
    expect(result).toEqual({ function: 'hello', revision: 2, alias: 'live', checkpoint: 'made' });
    const order = [
      'verifyRevision',
      'startTemplate',
      'takeCheckpoint',
      'publishCheckpoint',
      'shiftAlias',
      'releaseTemplate',
      'retireUnused',
      'closeDeployment',
    ];
    expect(fake.calls.filter((call) => order.includes(call))).toEqual(order);
  });

  it('shifts traffic by canary steps and puts the alias back when the canary fails', async () => {
    const fake = new FakeActivities();
    fake.moment = 'never';
    fake.failNext('checkCanary', 'conflict');
    const { error } = await run(
      'deploy-canary',
      deployFunction,
      { function: 'hello', canary: { steps: [10, 50], holdSeconds: 1 } },
      fake,
    );
    expect(error?.cause?.message ?? '').not.toBe('');
    expect(fake.calls.filter((call) => call === 'shiftAlias')).toHaveLength(1);
    expect(fake.calls).toContain('restoreAlias');
    expect(fake.calls.at(-1)).toBe('closeDeployment');
  });

  it('leaves the alias alone and marks the revision failed when it does not start', async () => {
    const fake = new FakeActivities();
    fake.failNext('startTemplate', 'start_failed');
    const { error } = await run('deploy-failed', deployFunction, { function: 'hello' }, fake);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    expect(fake.calls).not.toContain('shiftAlias');
    expect(fake.calls).toContain('markRevision');
  });

  it('goes on without a checkpoint when none can be made', async () => {
    const fake = new FakeActivities();
    fake.failNext('takeCheckpoint', 'unsupported');
    const { result } = await run('deploy-unsupported', deployFunction, { function: 'hello' }, fake);
    expect(result?.checkpoint).toBe('none');
    expect(fake.calls).toContain('shiftAlias');
  });

  it('refuses a wrong input with every problem in one sentence', async () => {
    const { error } = await run(
      'deploy-refused',
      deployFunction,
      { function: 'No Name', revison: 1 },
      new FakeActivities(),
    );
    expect(error?.cause?.message).toMatch(/2 problem\(s\).*function:.*revison/s);
  });
});

describe('checkpointLifecycle', () => {
  it('tries again with a new instance when the first one dies under it, and drops what was begun', async () => {
    const fake = new FakeActivities();
    fake.failNext('takeCheckpoint', 'not_found');
    const { result } = await run(
      'checkpoint-again',
      checkpointLifecycle,
      { function: 'hello', instance: 'dead' },
      fake,
    );
    expect(result?.made).toHaveLength(1);
    expect(result?.dropped).toEqual(['older']);
    expect(fake.calls.filter((call) => call === 'startTemplate')).toHaveLength(1);
    expect(fake.calls.filter((call) => call === 'dropCheckpoint')).toHaveLength(2);
  });

  it('drops and renews by retention, and looks after the record tables', async () => {
    const fake = new FakeActivities();
    const { result } = await run('checkpoint-retention', checkpointLifecycle, { retention: true }, fake);
    expect(result?.dropped).toEqual(['old']);
    expect(result?.made).toHaveLength(1);
    expect(fake.calls).toContain('maintainPartitions');
  });
});

describe('warmPools', () => {
  it('decides, tells the agents, and says which of them could not be told', async () => {
    const fake = new FakeActivities();
    const { result } = await run('warm-pools', warmPools, {}, fake);
    expect(result).toMatchObject({
      policy: 'presage',
      decisions: [{ function: 'hello', ready: 2 }],
      applied: { nodes: [{ node: 'local' }], unreached: [{ node: 'edge-1', error: 'it is away' }] },
    });
    expect(fake.calls).toEqual(['planWarmth', 'applyTargets']);
  });

  it('only shows the plan in a dry run', async () => {
    const fake = new FakeActivities();
    const { result } = await run('warm-pools-dry', warmPools, { policy: 'fixed:10m', dryRun: true }, fake);
    expect(result?.applied).toBeNull();
    expect(fake.calls).toEqual(['planWarmth']);
  });

  it('refuses a policy that there is not', async () => {
    const { error } = await run('warm-pools-refused', warmPools, { policy: 'fixed:0s' }, new FakeActivities());
    expect(error?.cause).toMatchObject({ message: expect.stringContaining('from 1s to 24h') as string });
  });
});

describe('judgePolicies', () => {
  it('replays the last hour under the policies on trial, and carries the verdict out', async () => {
    const fake = new FakeActivities();
    const { result } = await run('judge-policies', judgePolicies, { apply: true }, fake);
    expect(result).toMatchObject({
      policies: [{ policy: 'none' }, { policy: 'presage' }],
      verdict: { decision: 'revert', reason: '900 to 100' },
    });
    expect(Date.parse(result?.to ?? '') - Date.parse(result?.from ?? '')).toBe(3_600_000);
    expect(fake.calls).toEqual(['policiesOnTrial', 'replayWindow', 'replayWindow', 'applyVerdict']);
  });

  it('only compares what it is asked for', async () => {
    const fake = new FakeActivities();
    const input = { policies: ['seed', 'fixed:5m', 'seed'], window: '24h', until: '2026-03-02T10:20:30Z' };
    const { result } = await run('judge-policies-asked', judgePolicies, input, fake);
    expect(result).toMatchObject({
      from: '2026-03-01T10:20:00.000Z',
      to: '2026-03-02T10:20:00.000Z',
      policies: [{ policy: 'seed' }, { policy: 'fixed:5m' }],
      verdict: null,
    });
    expect(fake.calls).toEqual(['replayWindow', 'replayWindow']);
  });

  it('refuses windows and policies that there are not', async () => {
    const input = { policies: ['best'], window: '30d' };
    const { error } = await run('judge-policies-refused', judgePolicies, input, new FakeActivities());
    expect(error?.cause?.message).toMatch(/2 problem\(s\).*choose among.*choose from 1m to 7d/s);
  });
});

describe('retrainModels', () => {
  it('collects, fits shards, trains the network pass by pass, and validates and deploys', async () => {
    const fake = new FakeActivities();
    const { result } = await run('retrain-models', retrainModels, {}, fake);
    expect(result).toEqual({
      trained: 4,
      deployed: 2,
      kept: 2,
      young: 1,
      idle: 2,
      unchanged: 3,
      network: 'network of state-1',
      failed: [],
    });
    const order = ['collectHistories', 'trainNetwork', 'finishNetwork', 'listNetwork', 'endRetraining', 'forgetModels'];
    expect(fake.calls.filter((call) => order.includes(call))).toEqual([
      ...['collectHistories', 'trainNetwork', 'trainNetwork', 'finishNetwork', 'listNetwork'],
      ...['endRetraining', 'forgetModels'],
    ]);
    expect(fake.judgedWith).toEqual(['network of state-1', 'network of state-1']);
  });

  it('has a child for each shard’s part', async () => {
    const fit = { part: 'fit', run: 'r', shard: 0, dataset: 'data' };
    const fitted = await run('forecast-shard-fit', forecastShard, fit, new FakeActivities());
    expect(fitted.result).toEqual({ part: 'fit', fitted: 'fit-0' });
    const judge = {
      part: 'judge',
      run: 'r',
      workflowId: 'w',
      dataset: 'data',
      fitted: 'f',
      force: false,
      network: null,
    };
    const judged = await run('forecast-shard-judge', forecastShard, judge, new FakeActivities());
    expect(judged.result).toEqual({ part: 'judge', deployed: 1, kept: 1 });
  });

  it('does nothing where nothing is new', async () => {
    const fake = new FakeActivities();
    fake.shards = [];
    const { result } = await run('retrain-models-unchanged', retrainModels, {}, fake);
    expect(result).toMatchObject({ trained: 0, deployed: 0, network: null });
    expect(fake.calls).toEqual(['collectHistories', 'forgetModels']);
  });

  it('keeps the network when only some functions are trained', async () => {
    const fake = new FakeActivities();
    fake.shards = [1];
    fake.deployedNetwork = 'network of before';
    const { result } = await run('retrain-models-some', retrainModels, { functions: ['hello'], force: true }, fake);
    expect(result).toMatchObject({ trained: 1, network: null });
    expect(fake.calls).not.toContain('trainNetwork');
    expect(fake.judgedWith).toEqual(['network of before']);
  });

  it('goes on without what cannot be trained, and says so', async () => {
    const fake = new FakeActivities();
    fake.failNext('fitShard', 'internal');
    fake.failNext('trainNetwork', 'internal');
    const { result } = await run('retrain-models-failing', retrainModels, {}, fake);
    expect(result).toMatchObject({
      network: null,
      failed: [
        expect.stringMatching(/^shard \d: fitShard was told to fail/) as string,
        'the network: trainNetwork was told to fail',
      ],
    });
    expect(fake.judgedWith).toEqual([null]);
  });
});
