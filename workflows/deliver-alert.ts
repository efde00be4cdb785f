import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { AsyncPolicy } from '../core/async/async-policy';
import { nextStep } from '../core/async/next-step';
import { deliverAlertInput, type DeliverAlertInput } from '../core/control/workflow-inputs';
import { reasonOf, validated } from './failure';
import { QUICK, WEBHOOK } from './options';
import { Progress } from './progress';

const { sendAlert } = proxyActivities<Activities>(WEBHOOK);
const { settleAlert } = proxyActivities<Activities>({ ...QUICK, scheduleToCloseTimeout: '1 day' });

const HOUR_MS = 3_600_000;
/** As an asynchronous invocation is tried again, until it is too old: of an alert nobody wants to hear a day later. */
const POLICY: AsyncPolicy = {
  retries: 200,
  firstBackoffMs: 1_000,
  maxBackoffMs: 300_000,
  maxAgeMs: 6 * HOUR_MS,
  resultsForMs: 0,
  deadLettersForMs: 0,
  onSuccess: null,
  onFailure: null,
};

export interface DeliverAlertResult {
  readonly delivered: boolean;
  readonly tries: number;
  readonly error: string | null;
}

/** Tells the webhook of a budget of one alert: again and again, ever more seldom, until it is taken or six hours are over. */
export async function deliverAlert(input: DeliverAlertInput): Promise<DeliverAlertResult> {
  const alert = validated('deliverAlert', deliverAlertInput, input);
  const { budgetId, tenant, budget, percent, periodStart } = alert;
  const ref = { budgetId, tenant, budget, percent, periodStart };
  const progress = new Progress(`Alert: ${budget} of ${tenant} has reached ${percent} %`);
  const expiresAt = Date.now() + POLICY.maxAgeMs;
  let failures = 0;
  for (let tries = 1; ; tries++) {
    progress.begin(`try ${tries}`);
    const end = await attempt(alert);
    if (end.error !== null) progress.note(end.error);
    const facts = { tries, failures, policy: POLICY, now: Date.now(), expiresAt, random: Math.random() };
    const step = nextStep(end, facts);
    if (step.state !== 'waiting') {
      const delivered = step.state === 'succeeded';
      const error = step.state === 'dead' ? `${end.error ?? 'no answer'}: ${step.reason}` : end.error;
      await settleAlert({ ...ref, delivered, tries, error });
      progress.finish(delivered ? 'told' : `given up: ${error ?? ''}`);
      return { delivered, tries, error };
    }
    failures = step.failures;
    await sleep(step.dueAt - Date.now());
  }
}

/** A store that is away for long is one more reason to try again. */
async function attempt(alert: Parameters<Activities['sendAlert']>[0]): ReturnType<Activities['sendAlert']> {
  try {
    return await sendAlert(alert);
  } catch (error) {
    return { status: null, errorCode: 'unavailable', retryAfterMs: null, error: reasonOf(error) };
  }
}
