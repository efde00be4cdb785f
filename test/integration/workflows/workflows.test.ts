import { WorkflowFailedError } from '@temporalio/client';
import type { Span } from '../../../core/trace/span';
import { formatTraceparent } from '../../../core/trace/traceparent';
import { ActivityTraces } from '../../../workers/control/activity-traces';
import {
  checkpointLifecycle,
  deployFunction,
  drainNode,
  forecastShard,
  judgePolicies,
  keepLedger,
  retrainModels,
  warmPools,
} from '../../../workflows';
import { FakeActivities } from './fake-activities';
import { run, startTemporal, stopTemporal } from './workflow-harness';

jest.setTimeout(120_000);

beforeAll(() => startTemporal(require.resolve('./with-moves')));
afterAll(stopTemporal);

describe('a workflow that a traced request has started', () => {
  it('is a span of that trace, and its activities are spans below it', async () => {
    const spans: Span[] = [];
    const traces = new ActivityTraces({ ended: (span) => void spans.push(span) });
    const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
    const fake = new FakeActivities();
    const seen: (string | undefined)[] = [];
    fake.onCall = () => void seen.push(traces.traceparent());
    const traced = { traceparent: formatTraceparent(caller), traces };
    await run('deploy-traced', deployFunction, { function: 'hello' }, fake, undefined, traced);
    const own = spans.find(({ name }) => name === 'deployFunction');
    expect(own).toMatchObject({ traceId: caller.traceId, parentId: caller.spanId, error: null });
    const below = (parentId: string | undefined) => spans.filter((span) => span.parentId === parentId);
    expect(below(own?.spanId).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['verifyRevision', 'shiftAlias']),
    );
    // Its child is a span below it, with its own activities.
    const child = below(own?.spanId).find(({ name }) => name === 'checkpointLifecycle');
    expect(below(child?.spanId).map(({ name }) => name)).toContain('takeCheckpoint');
    expect(spans.every(({ traceId }) => traceId === caller.traceId)).toBe(true);
    // What activities call goes on from their spans.
    const activities = spans.filter((span) => span !== own && span !== child);
    expect(new Set(seen)).toEqual(
      new Set(activities.map(({ traceId, spanId }) => formatTraceparent({ traceId, spanId, sampled: true }))),
    );
  });

  it('leaves nothing where its trace is not kept', async () => {
    const spans: Span[] = [];
    const traces = new ActivityTraces({ ended: (span) => void spans.push(span) });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    await run('deploy-untraced', deployFunction, { function: 'hello' }, new FakeActivities(), undefined, {
      traceparent,
      traces,
    });
    expect(spans).toEqual([]);
  });
});

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

describe('keepLedger', () => {
  it('brings charges into the ledger', async () => {
    const fake = new FakeActivities();
    const { result } = await run('keep-ledger', keepLedger, {}, fake);
    expect(result).toEqual({ posted: { lines: 3, dollars: '0.000000042667' }, checked: null });
    expect(fake.calls).toEqual(['postLedger']);
  });

  it('compares a window hour by hour, and keeps what it finds', async () => {
    const fake = new FakeActivities();
    fake.ledgerDiffers = true;
    const input = { check: true, window: '90m', until: '2026-03-02T10:20:30Z', tenant: 'acme' };
    const { result } = await run('keep-ledger-check', keepLedger, input, fake);
    expect(result).toMatchObject({
      posted: null,
      checked: {
        from: '2026-03-02T08:50:00.000Z',
        to: '2026-03-02T10:20:00.000Z',
        ...{ calls: 40, sums: 12, differences: 2, unpriced: 0 },
        examples: [{ minute: '2026-03-02T08:50:00.000Z' }, { minute: '2026-03-02T09:50:00.000Z' }],
      },
    });
    expect(fake.calls).toEqual(['recordedPart', 'compareLedger', 'compareLedger', 'closeLedgerCheck']);
  });

  it('refuses windows that there are not', async () => {
    const { error } = await run(
      'keep-ledger-refused',
      keepLedger,
      { check: true, window: '30d' },
      new FakeActivities(),
    );
    expect(error?.cause?.message).toMatch(/choose from 1m to 7d/);
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

describe('drainNode', () => {
  const move = (name: string, to = 'edge-2') => ({ tenant: 'default', function: name, to });

  it('moves every function, then ends what is left and calls the node drained', async () => {
    const fake = new FakeActivities();
    fake.plans.push({ moves: ['a', 'b', 'c', 'd', 'e'].map((name) => move(name)), stuck: [], wanted: true });
    fake.leftOnNode.push(1);
    const { result } = await run('drain-node', drainNode, { node: 'edge-1' }, fake);
    expect(result).toEqual({ node: 'edge-1', moved: 5, outcome: 'drained' });
    expect(fake.calls).toEqual([
      ...['beginDrain', 'planMoves', 'planMoves', 'drainAgent', 'drainAgent'],
      ...['endDrain'],
    ]);
  });

  it('only moves what was on a node that is lost', async () => {
    const fake = new FakeActivities();
    fake.plans.push({ moves: [move('a')], stuck: [], wanted: true });
    const { result } = await run('drain-node-lost', drainNode, { node: 'edge-1', reason: 'node-lost' }, fake);
    expect(result).toEqual({ node: 'edge-1', moved: 1, outcome: 'moved' });
    expect(fake.calls).toEqual(['planMoves']);
  });

  it('leaves the rest where it is when the node takes work again', async () => {
    const fake = new FakeActivities();
    fake.plans.push({ moves: [], stuck: [], wanted: false });
    const { result } = await run('drain-node-kept', drainNode, { node: 'edge-1' }, fake);
    expect(result).toEqual({ node: 'edge-1', moved: 0, outcome: 'kept' });
    expect(fake.calls).toEqual(['beginDrain', 'planMoves']);
  });

  it('tries again what does not move, and names what finds no node', async () => {
    const fake = new FakeActivities();
    const stuck = [{ tenant: 'default', function: 'big', refusals: [{ node: 'edge-2', reason: 'has no slot' }] }];
    fake.plans.push({ moves: [move('stubborn')], stuck: [], wanted: true });
    for (let round = 2; round <= 3; round++) fake.plans.push({ moves: [], stuck, wanted: true });
    const { error } = await run('drain-node-stuck', drainNode, { node: 'edge-1' }, fake);
    expect(error?.cause?.message).toBe('1 function(s) find no node; default/big: edge-2 has no slot');
    expect(fake.calls.filter((call) => call !== 'planMoves')).toEqual(['beginDrain', 'stopDrain']);
  });

  it('refuses what is no node’s name', async () => {
    const { error } = await run('drain-node-refused', drainNode, { node: 'Edge 1' }, new FakeActivities());
    expect(error?.cause?.message).toMatch(/node: must be 1-63/);
  });
});
