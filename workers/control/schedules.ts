import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type {
  CheckpointLifecycleInput,
  JudgePoliciesInput,
  RetrainModelsInput,
  WarmPoolsInput,
} from '../../core/control/workflow-inputs';

interface Recurring {
  readonly scheduleId: string;
  readonly every: `${number} minute${'s' | ''}`;
  /** How long after the full minute or hour. */
  readonly offset?: `${number} seconds`;
  readonly workflowType: 'warmPools' | 'checkpointLifecycle' | 'retrainModels' | 'judgePolicies';
  readonly input: WarmPoolsInput | CheckpointLifecycleInput | RetrainModelsInput | JudgePoliciesInput;
  readonly note: string;
  /** Also once at each start of the worker: what it looks after may have changed while nothing ran. */
  readonly atStart: boolean;
}

const RECURRING: readonly Recurring[] = [
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
];

/** Makes the schedules that are missing. One that is there stays as it is: a person may have paused or changed it. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { scheduleId, every, offset, workflowType, input, note, atStart } of RECURRING) {
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
