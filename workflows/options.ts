import type { ActivityOptions } from '@temporalio/workflow';

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

/** Moves traffic or instances; waits for requests in flight. */
export const ROLLOUT: ActivityOptions = {
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '10 minutes',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
};
