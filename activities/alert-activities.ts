import { signatureOf } from '../core/async/webhook';
import type { TryEnd } from '../core/async/next-step';
import type { ActivityDependencies } from './dependencies';

/** Names an alert, for those that it is sent to as well: what comes twice has the same. */
interface AlertRef {
  readonly budgetId: string;
  readonly tenant: string;
  readonly budget: string;
  readonly percent: number;
  /** RFC 3339. */
  readonly periodStart: string;
}

export interface SentAlert extends TryEnd {
  /** Null: it was taken. */
  readonly error: string | null;
}

/** Tells webhooks of alerts. */
export function alertActivities({ store, secrets, webhooks, now }: ActivityDependencies) {
  return {
    /** One try. The webhook is the budget's of now: a mistyped address can be mended while it is tried. */
    async sendAlert(input: AlertRef & { readonly message: Readonly<Record<string, unknown>> }): Promise<SentAlert> {
      const { tenant, budget: name, budgetId, percent, periodStart } = input;
      const budget = await store.findBudget(tenant, name);
      const webhook = budget?.id === budgetId ? budget.spec.webhook : undefined;
      if (!webhook) return ended('forbidden', 'the budget has no webhook any more');
      const secret = (await secrets(tenant, [webhook.secret])).get(webhook.secret);
      if (secret === undefined) return ended('unavailable', `the secret ${webhook.secret} is not set`);
      const body = Buffer.from(JSON.stringify(input.message));
      return webhooks.send({
        url: webhook.url,
        headers: {
          'content-type': 'application/json',
          'x-hub-signature-256': signatureOf(secret, body),
          'x-presage-delivery': `${budgetId}/${periodStart}/${percent}`,
        },
        body,
      });
    },

    async settleAlert(input: AlertRef & { delivered: boolean; tries: number; error: string | null }): Promise<void> {
      const { tenant, budget, budgetId, percent, delivered, tries, error } = input;
      const periodStart = new Date(input.periodStart);
      const settledAt = new Date(now());
      const delivery = delivered ? 'delivered' : 'failed';
      const settled = { budgetId, periodStart, percent, delivery, tries, error, settledAt } as const;
      if (!(await store.settleAlert(settled))) return;
      await store.addBudgetFigures(delivered ? { webhooksDelivered: 1 } : { webhooksFailed: 1 });
      if (delivered) return;
      const data = { budget, percent, tries, error };
      await store.writeEvents([
        { at: settledAt, tenant, type: 'budget.webhook-failed', function: null, node: null, data },
      ]);
    },
  };
}

function ended(errorCode: NonNullable<TryEnd['errorCode']>, error: string): SentAlert {
  return { status: null, errorCode, retryAfterMs: null, error };
}
