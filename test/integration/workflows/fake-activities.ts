import { ApplicationFailure } from '@temporalio/common';
import type { PolicyReport } from '../../../activities/court-activities';
import type { PlannedMoves } from '../../../activities/node-activities';
import type { SentAlert } from '../../../activities/alert-activities';
import type { DecideBudgetsInput, DecidedBudgets } from '../../../activities/budget-activities';
import type { Activities } from '../../../activities/activities';
import type { PlannedPlacement } from '../../../activities/optimizing-activities';
import type { AdviceChange } from '../../../core/cost/advice/advice-change';
import type { AdviceVerdict } from '../../../core/cost/advice/judge-advice';
import type { AliasWeight } from '../../../core/function/alias-weights';
import { evenShares } from '../../../core/plan/even-shares';
import type { MoveOutcome } from '../../../drivers/store/placement-decision-store';

/** Of the one recommendation. */
export const ADVICE_ID = '0123456789ab';

/** Of a platform with one node. */
export const noPlan: PlannedPlacement = {
  planId: null,
  verdict: 'keep',
  reason: 'there is one node, local: nothing to choose from',
  costs: null,
  moves: [],
  held: [],
  replicas: [],
  notes: [],
  atOnce: 2,
};

/** A budget that has reached 90 %, and takes its first step. */
export function sampleDecision(tenant: string): DecidedBudgets {
  const [periodStart, periodEnd] = ['2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'] as const;
  const effect = { savesPerHour: '0.123456789', saves: '29.62962936' };
  return {
    decided: 1,
    budgets: [
      {
        tenant,
        budget: 'month',
        periodStart,
        periodEnd,
        limit: '100.00',
        spent: '91.50',
        percent: 91.5,
        forecast: '130.00',
        ceiling: '100.00',
        spentByCritical: '0.00',
        alerts: [90],
        steps: [
          { step: 'drop-predictive-warmth', inForce: true, change: 'taken', ...effect },
          { step: 'refuse', inForce: false, change: null, ...effect },
        ],
        notes: ['there is no function later yet'],
      },
    ],
    deliveries: [],
  };
}

/** A report of thirty calls. */
export function sampleReport(policy: string, price: number): PolicyReport {
  return {
    policy,
    calls: 30,
    kinds: { hot: 20, warm: 5, restore: 5, cold: 0 },
    causes: { expired: 10 },
    coldShare: 1 / 6,
    lateShare: 1 / 6,
    lateSeconds: 0,
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
  /** Called within each activity. */
  onCall: () => void = () => undefined;
  aliasWeights: readonly AliasWeight[] = [{ revision: 1, weight: 100 }];
  /** Functions with something new in each shard that a retraining finds. */
  shards: readonly number[] = [2, 2];
  deployedNetwork: string | null = null;
  /** What is to be moved, plan by plan; then nothing. */
  readonly plans: PlannedMoves[] = [];
  /** What agents have left, call by call; then nothing. */
  readonly leftOnNode: number[] = [];
  readonly judgedWith: (string | null)[] = [];
  /** Shares of each placement that was asked for, as `NODE:WEIGHT`, with `!` while the change goes on. */
  readonly placements: string[] = [];
  /** An amount of each hour is not what it should be. */
  ledgerDiffers = false;
  /** What the check of a migration finds. */
  fromLost = false;
  /** The checkpoint that is taken along restores in so many milliseconds; null: there is none. */
  restoreMs: number | null = 20;
  /** What placing anew comes to. */
  plan: PlannedPlacement = noPlan;
  outcomes: readonly MoveOutcome[] | null = null;
  /** Nodes that functions have from before. */
  replicas: readonly string[] = ['central-1', 'edge-1'];
  moment: 'deploy' | 'first-request' | 'never' = 'deploy';
  /** Instances that are still in use at each look at a node that is drained. */
  inFlight: number[] = [];
  /** Tenants with budgets. */
  budgeted: readonly string[] = ['acme'];
  /** What each decision is asked, and what comes of it. */
  readonly decisions: DecideBudgetsInput[] = [];
  decision: (tenant: string) => DecidedBudgets = sampleDecision;
  /** How tries to tell a webhook end, one by one; then it takes the alert. */
  readonly tries: SentAlert[] = [];
  settled = '';
  /** How the migration was closed. */
  closed = '';
  /** What a recommendation changes, whether it is in force when it is to be taken back, and what each look at it says. */
  adviceChange: AdviceChange = { kind: 'spec', tenant: 'acme', function: 'pay', revision: 3, set: { memory: '96Mi' } };
  adviceApplied = true;
  readonly adviceVerdicts: AdviceVerdict[] = [];
  /** What became of it, step by step. */
  readonly adviceNotes: string[] = [];
  /** Recommendations that the configuration has applied. */
  applyAdvice: readonly string[] = [];
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
      placeFunction: async () => undefined,
      shiftPlacement: async ({ shares, expect, fence }) => {
        const text = shares.map(({ node, weight }) => `${node}:${weight}`).join(' ');
        this.placements.push(fence === null ? text : `${text} !`);
        return expect + 1;
      },
      restorePlacement: async ({ shares }) => {
        this.placements.push(`back to ${shares.map(({ node, weight }) => `${node}:${weight}`).join(' ')}`);
        return true;
      },
      openMigration: async (input) => input.migrationId ?? 'made-here',
      checkMigration: async (input) => ({
        functionId: 'f1',
        from: input.from ?? 'central-1',
        to: input.to,
        shares: [{ node: input.from ?? 'central-1', weight: 100 }],
        generation: 4,
        refs: [ref],
        fromLost: this.fromLost,
      }),
      reportMigration: async () => undefined,
      closeMigration: async ({ state, error }) => {
        this.closed = error === null ? state : `${state}: ${error}`;
      },
      shipCheckpoint: async () => {
        if (this.restoreMs === null) return { shipped: null, note: 'there is none', make: true };
        const shipped = { ref, checkpoint: 'c1', digest: 'sha256:00', hostKey: 'k', restoreMs: this.restoreMs };
        return { shipped, note: 'it restores', make: false };
      },
      publishShipped: async () => undefined,
      returnShipped: async () => undefined,
      settleCheckpoints: async ({ shipped }) => ({ moved: shipped.length, dropped: 0 }),
      warmTarget: async () => ({ running: 2, frozen: 1 }),
      checkShift: async () => ({ requests: 20, failed: 0 }),
      drainNode: async () => ({ left: this.inFlight.shift() ?? 0 }),
      giveUpTemplate: async () => undefined,
      planPlacement: async () => this.plan,
      notePlanOutcomes: async ({ outcomes }) => void (this.outcomes = outcomes),
      placeOn: async () => undefined,
      replicaFacts: async () => ({ functionId: 'f1', nodes: evenShares(this.replicas), generation: 4 }),
      postLedger: async () => ({ lines: 3, dollars: '0.000000042667' }),
      recordedPart: async ({ from, to }) => ({ from, to }),
      compareLedger: async ({ from }) => ({
        ...{ calls: 20, sums: 6, differences: this.ledgerDiffers ? 1 : 0, unpriced: 0 },
        examples: this.ledgerDiffers
          ? [{ tenant: 'acme', functionId: 'f1', minute: from, component: 'memory', recorded: '1', charged: '2' }]
          : [],
      }),
      closeLedgerCheck: async () => undefined,
      policiesOnTrial: async () => ['none', 'presage'],
      replayWindow: async ({ policy }) => sampleReport(policy, policy === 'none' ? 900 : 100),
      applyVerdict: async ({ prices }) => ({
        decision: 'revert',
        reason: prices.map(({ price }) => price).join(' to '),
      }),
      livePolicy: async () => 'none',
      replayEvidence: async ({ policy }) => ({
        ...{ policy, calls: 30, coldShare: 0.1, lateShare: 0, lateSeconds: 0, waitedSeconds: 1, windowMs: 60_000 },
        idleGbSeconds: [{ tier: 'edge', running: 0, frozen: 10 }],
      }),
      adviseCosts: async ({ policies }) => ({
        found: policies.length,
        savesMonthly: 2.5,
        told: [{ id: ADVICE_ID, strategy: 'keep-alive', title: 'keep less', confidence: 'high', savesMonthly: 2.5 }],
        apply: this.applyAdvice,
      }),
      beginAdvice: async ({ id }) => ({
        ...{ id, strategy: 'right-size-memory', title: 'less memory', change: this.adviceChange },
        ...(this.adviceChange.kind === 'spec' ? { tenant: 'acme', function: 'pay' } : { tenant: null, function: null }),
      }),
      patchedRevision: async () => ({ revision: 4, deploymentId: 'd4' }),
      switchPolicy: async ({ from, to }) => {
        this.adviceNotes.push(`policy ${from} to ${to}`);
        return true;
      },
      adviceApplied: async () => this.adviceApplied,
      readyNode: async ({ node }) => void this.adviceNotes.push(`${node} is ready`),
      noteAdvice: async ({ state, reason }) => void this.adviceNotes.push(`${state}: ${reason}`),
      judgeAdvice: async ({ replayed }) =>
        this.adviceVerdicts.shift() ?? { decision: 'kept', reason: `${replayed.length} replays` },
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
      budgetTenants: async () => this.budgeted,
      decideBudgets: async (input) => {
        this.decisions.push(input);
        const parts = input.tenants.map((tenant) => this.decision(tenant));
        return {
          decided: parts.length,
          budgets: parts.flatMap(({ budgets }) => budgets),
          deliveries: input.dryRun ? [] : parts.flatMap(({ deliveries }) => deliveries),
        };
      },
      sendAlert: async () => this.tries.shift() ?? { status: 204, errorCode: null, retryAfterMs: null, error: null },
      settleAlert: async ({ delivered, tries, error }) => {
        this.settled = `${delivered ? 'delivered' : 'failed'} after ${tries}: ${error ?? 'taken'}`;
      },
      beginDrain: async () => undefined,
      planMoves: async () => this.plans.shift() ?? { moves: [], stuck: [], wanted: true },
      drainAgent: async () => ({ ended: 2, left: this.leftOnNode.shift() ?? 0 }),
      endDrain: async () => true,
      stopDrain: async () => undefined,
    };
    const wrapped = Object.entries(answers).map(([name, answer]) => [
      name,
      async (input: never) => {
        this.calls.push(name);
        this.onCall();
        const failure = this.failures.get(name);
        if (failure && failure.times-- > 0)
          throw ApplicationFailure.nonRetryable(`${name} was told to fail`, failure.code);
        return (answer as (input: never) => Promise<unknown>)(input);
      },
    ]);
    return Object.fromEntries(wrapped) as Activities;
  }
}
