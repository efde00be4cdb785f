import { ApplicationFailure } from '@temporalio/common';
import type { PolicyReport } from '../../../activities/court-activities';
import type { Activities } from '../../../activities/activities';
import type { AliasWeight } from '../../../core/function/alias-weights';

/** A report of thirty calls. */
export function sampleReport(policy: string, price: number): PolicyReport {
  return {
    policy,
    calls: 30,
    kinds: { hot: 20, warm: 5, restore: 5, cold: 0 },
    causes: { expired: 10 },
    coldShare: 1 / 6,
    waitP50Ms: 0.3,
    waitP99Ms: 25,
    waitedSeconds: 0.2,
    queuedSeconds: 0,
    memoryGbSeconds: { starting: 0, busy: 1, running: 1, frozen: 10, images: 5 },
    price: { holding: price / 2, waiting: price / 2, total: price },
    coldShareOfFunctions: { mean: 0.2, p50: 0.1, p75: 0.3 },
    evicted: 0,
    functions: [],
  };
}

/** Activities that write down what they are asked and fail where they are told to. */
export class FakeActivities {
  readonly calls: string[] = [];
  aliasWeights: readonly AliasWeight[] = [{ revision: 1, weight: 100 }];
  /** Functions with something new in each shard that a retraining finds. */
  shards: readonly number[] = [2, 2];
  deployedNetwork: string | null = null;
  readonly judgedWith: (string | null)[] = [];
  moment: 'deploy' | 'first-request' | 'never' = 'deploy';
  private readonly failures = new Map<string, { code: string; times: number }>();

  /** The next `times` calls of an activity fail for good with this code. */
  failNext(activity: keyof Activities, code: string, times = 1): void {
    this.failures.set(activity, { code, times });
  }

  all(): Activities {
    const ref = { tenant: 'default', function: 'hello', functionId: 'f1', revision: 2, revisionId: 'r2' };
    const answers: Activities = {
      resolveRevision: async (input) => ({ ...ref, revision: input.revision ?? 2 }),
      verifyRevision: async () => ({ node: 'local', moment: this.moment }),
      markRevision: async () => undefined,
      openDeployment: async (input) => input.deploymentId ?? 'made-here',
      reportDeployment: async () => undefined,
      closeDeployment: async () => undefined,
      readAlias: async () => this.aliasWeights,
      shiftAlias: async () => undefined,
      restoreAlias: async () => undefined,
      checkCanary: async () => undefined,
      retireUnused: async () => ({ ended: 1 }),
      startTemplate: async (input) => ({
        instance: `i-${input.key.split('/').at(-1) ?? ''}`.slice(0, 12),
        startMs: 60,
      }),
      releaseTemplate: async () => undefined,
      openCheckpoint: async () => undefined,
      takeCheckpoint: async () => ({ pauseMs: 20, rawBytes: 8e6, hostKey: 'k' }),
      sealCheckpoint: async () => ({ digest: 'sha256:00', sealedBytes: 2e6 }),
      verifyCheckpoint: async () => ({ restoreMs: 12 }),
      publishCheckpoint: async () => undefined,
      dropCheckpoint: async () => undefined,
      olderCheckpoints: async () => ['older'],
      planRetention: async () => ({
        drop: [{ ref, node: 'local', checkpoint: 'old', reason: 'unused' }],
        renew: [{ ref, node: 'local', reason: 'kernel' }],
      }),
      maintainPartitions: async () => undefined,
      planWarmth: async () => ({
        policy: 'presage',
        functions: 1,
        ready: 2,
        waiting: 0,
        unreached: [],
        decisions: [{ tenant: 'default', function: 'hello', ready: 2, capped: false, reason: 'it pays' }],
      }),
      applyTargets: async () => ({
        nodes: [{ node: 'local', accepted: 1, capped: [] }],
        unreached: [{ node: 'edge-1', error: 'it is away' }],
        left: [],
      }),
      policiesOnTrial: async () => ['none', 'presage'],
      replayWindow: async ({ policy }) => sampleReport(policy, policy === 'none' ? 900 : 100),
      applyVerdict: async ({ prices }) => ({
        decision: 'revert',
        reason: prices.map(({ price }) => price).join(' to '),
      }),
      collectHistories: async () => ({
        shards: this.shards.map((changed, index) => ({ dataset: `data-${index}`, changed })),
        young: 1,
        idle: 2,
        unchanged: 3,
        epochs: 2,
        deployedNetwork: this.deployedNetwork,
      }),
      fitShard: async (input) => ({ dataset: input.dataset, fitted: `fit-${input.shard}` }),
      trainNetwork: async (input) => ({ state: `state-${input.epoch}` }),
      finishNetwork: async (input) => ({ network: `network of ${input.state}` }),
      listNetwork: async () => undefined,
      judgeShard: async (input) => {
        this.judgedWith.push(input.network);
        return { deployed: 1, kept: 1 };
      },
      endRetraining: async () => ({ networkDeployed: true }),
      forgetModels: async () => ({ models: 0, runs: 0 }),
    };
    const wrapped = Object.entries(answers).map(([name, answer]) => [
      name,
      async (input: never) => {
        this.calls.push(name);
        const failure = this.failures.get(name);
        if (failure && failure.times-- > 0)
          throw ApplicationFailure.nonRetryable(`${name} was told to fail`, failure.code);
        return (answer as (input: never) => Promise<unknown>)(input);
      },
    ]);
    return Object.fromEntries(wrapped) as Activities;
  }
}
