import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type {
  AdviseCostsInput,
  CheckpointLifecycleInput,
  EnforceBudgetInput,
  JudgePoliciesInput,
  KeepLedgerInput,
  OptimizePlacementInput,
  RetrainModelsInput,
  WarmPoolsInput,
} from '../../core/control/workflow-inputs';

interface Recurring {
  readonly scheduleId: string;
  readonly every: `${number} minute${'s' | ''}` | number;
  /** How long after the full minute or hour. */
  readonly offset?: `${number} seconds`;
  readonly workflowType:
    | 'warmPools'
    | 'checkpointLifecycle'
    | 'retrainModels'
    | 'judgePolicies'
    | 'optimizePlacement'
    | 'keepLedger'
    | 'enforceBudget'
    | 'adviseCosts';
  readonly input:
    | WarmPoolsInput
    | CheckpointLifecycleInput
    | RetrainModelsInput
    | JudgePoliciesInput
    | OptimizePlacementInput
    | KeepLedgerInput
    | EnforceBudgetInput
    | AdviseCostsInput;
  readonly note: string;
  /** Also once at each start of the worker: what it looks after may have changed while nothing ran. */
  readonly atStart: boolean;
}

const recurring = (placementEveryMs: number): readonly Recurring[] => [
  {
    scheduleId: 'warm-pools',
    every: '1 minute',
    // The forecasts of the minute are there by then.
    offset: '8 seconds',
    workflowType: 'warmPools',
    input: {},
    note: 'Decides what is held warm until the next minute, and tells the agents',
    atStart: false,
  },
  {
    scheduleId: 'enforce-budgets',
    every: '1 minute',
    // The minute before has been posted by then.
    offset: '20 seconds',
    workflowType: 'enforceBudget',
    input: {},
    note: 'Says what budgets come to, tells of what is reached, and takes and restores steps',
    atStart: false,
  },
  {
    scheduleId: 'checkpoint-retention',
    every: '60 minutes',
    workflowType: 'checkpointLifecycle',
    input: { retention: true },
    note: 'Drops and renews checkpoints, looks after record partitions',
    atStart: true,
  },
  {
    scheduleId: 'retrain-models',
    every: '60 minutes',
    workflowType: 'retrainModels',
    input: { reason: 'schedule' },
    note: 'Trains forecast models on what came since, and deploys those that pass',
    atStart: false,
  },
  {
    scheduleId: 'judge-policies',
    every: '60 minutes',
    workflowType: 'judgePolicies',
    input: { apply: true },
    note: 'Replays the last hour under the policies on trial: a challenger that wins takes over, a loser goes back',
    atStart: false,
  },
  {
    scheduleId: 'optimize-placement',
    every: placementEveryMs,
    offset: '30 seconds',
    workflowType: 'optimizePlacement',
    input: { reason: 'schedule' },
    note: 'Moves functions to where their users, data and callees are, where that is worth it',
    atStart: false,
  },
  {
    scheduleId: 'advise-costs',
    every: '360 minutes',
    offset: '50 seconds',
    workflowType: 'adviseCosts',
    input: {},
    note: 'Looks for savings in the last day; applies what cost.autoApply names',
    atStart: false,
  },
  {
    scheduleId: 'keep-ledger',
    every: '1 minute',
    // Gateways have written by then what came in the minute.
    offset: '4 seconds',
    workflowType: 'keepLedger',
    input: {},
    note: 'Brings what the minutes that are over were charged into the ledger',
    atStart: false,
  },
  {
    scheduleId: 'check-ledger',
    every: '60 minutes',
    offset: '50 seconds',
    workflowType: 'keepLedger',
    input: { check: true },
    note: 'Reckons the calls of the last two hours anew and compares them with the ledger',
    atStart: false,
  },
];

/**
 * Makes the schedules that are missing. One that is there stays as it is: a person may have paused or changed it.
 * @param placementEveryMs how often functions are placed anew
 */
export async function ensureSchedules(client: Client, taskQueue: string, placementEveryMs: number): Promise<void> {
  for (const { scheduleId, every, offset, workflowType, input, note, atStart } of recurring(placementEveryMs)) {
    try {
      await client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every, ...(offset === undefined ? {} : { offset }) }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
        action: { type: 'startWorkflow', workflowType, workflowId: scheduleId, taskQueue, args: [input] },
        state: { note },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
    if (atStart) await client.schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.SKIP);
  }
}
