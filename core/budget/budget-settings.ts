import { z } from 'zod';
import { durationIn } from '../function/quantity-schema';

const [SHORTEST_MS, LONGEST_MS] = [100, 60_000];

/** The section `budgets` of the configuration. Durations become milliseconds. */
export const budgetSettingsSchema = z.strictObject({
  /** How long a webhook may take to answer; one that hangs is tried again later. */
  webhookTimeout: durationIn
    .refine((ms) => ms >= SHORTEST_MS && ms <= LONGEST_MS, 'choose from 100ms to 60s')
    .prefault('10s'),
  /** May webhooks call addresses of loopback and of private networks? Whoever sets budgets may then reach what is inside. */
  privateWebhooks: z.stringbool().or(z.boolean()).default(false),
});
