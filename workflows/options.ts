import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/** Database reads and writes. Retried as long as the store is away, up to five minutes. */
export const QUICK: ActivityOptions = {
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
};

/** Decides what is held warm: past its minute it is of no use, and pasts that are not read by then are read for the next. */
export const WARMTH: ActivityOptions = {
  startToCloseTimeout: '45 seconds',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '50 seconds',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '5 seconds' },
};

/**
 * A call to an agent that starts, checkpoints or restores. Heartbeats show that the agent is still at it. A full disk is
 * no emptier a second later, and meanwhile somebody waits for the deploy.
 */
export const CRIU: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '5 seconds',
    maximumAttempts: 8,
    nonRetryableErrorTypes: ['storage_full'],
  },
};

/** Starts a template: code that does not start today starts no better the second time. */
export const TEMPLATE: ActivityOptions = {
  ...CRIU,
  retry: { ...CRIU.retry, nonRetryableErrorTypes: ['start_failed', 'start_timeout', 'storage_full'] },
};

/**
 * A step of training: minutes of arithmetic. Heartbeats show that its worker lives; a killed one is noticed within seconds, and
 * the step begins anew elsewhere.
 */
export const TRAINING: ActivityOptions = {
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};

/** A replay of what was recorded: seconds of arithmetic. What cannot be replayed today can be replayed no better the second time. */
export const REPLAY: ActivityOptions = {
  ...TRAINING,
  retry: { ...TRAINING.retry, nonRetryableErrorTypes: ['invalid_argument'] },
};

/**
 * Brings charges into the ledger, or reads an hour of records. Each bit of it stays done; after hours without a worker there is
 * much to bring.
 */
export const LEDGER: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '20 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};

/** Moves traffic or instances; waits for requests in flight. */
export const ROLLOUT: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};

/**
 * A step of a migration. Short, with heartbeats: when the worker or the agent dies in the middle, the step goes on elsewhere
 * within seconds, and one that cannot be done in two minutes is given up and rolled back.
 */
export const MOVE: ActivityOptions = {
  startToCloseTimeout: '45 seconds',
  heartbeatTimeout: '3 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 1.5, maximumInterval: '2 seconds' },
};

/** A note of where a migration is, written beside its steps: not worth a task of its own for the server and the worker. */
export const MOVE_NOTE: LocalActivityOptions = {
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '2 minutes',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 1.5, maximumInterval: '2 seconds' },
};

/** Places all functions anew: reading, and seconds of arithmetic in a thread of its own. */
export const PLANNING: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '4 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};

/** Decides about budgets: past its minute it is of no use. */
export const BUDGETS: ActivityOptions = {
  startToCloseTimeout: '45 seconds',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '50 seconds',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '5 seconds',
  },
};

/** One try to tell a webhook. It has a time-out of its own, far below; this is for the worker that dies meanwhile. */
export const WEBHOOK: ActivityOptions = {
  ...QUICK,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '10 minutes',
};

/** Puts back what a migration has changed in the store: as long as that is away, for an hour. */
export const MOVE_BACK: ActivityOptions = {
  ...MOVE,
  scheduleToCloseTimeout: '1 hour',
};
