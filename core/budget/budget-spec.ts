import { z } from 'zod';
import { picoOfDollars } from '../cost/money-text';
import { nameSchema } from '../function/name-schema';
import { wholeNumber } from '../function/number-schema';
import { timeZoneSchema } from '../function/trigger-spec';

/** What a budget does before and when it runs out, the mildest first. */
export const DEGRADE_STEPS = [
  'drop-predictive-warmth',
  'shorten-keep-alive',
  'cheaper-tier',
  'queue',
  'refuse',
] as const;
export type DegradeStep = (typeof DEGRADE_STEPS)[number];

/** That of every price table. */
export const CURRENCY = 'USD';

const MONEY = /^\d{1,12}(\.\d{1,6})?$/;
const MONEY_HINT = 'must be an amount above 0 in quotes, such as "250" or "99.50", with six decimals at most';

/** `spec` of a budget: what functions of a tenant may cost. Amounts are text: money is no floating-point number. */
export const budgetSpecSchema = z.strictObject({
  limit: z
    .string({ error: MONEY_HINT })
    .regex(MONEY, MONEY_HINT)
    .refine((text) => !MONEY.test(text) || /[1-9]/.test(text), 'must be above 0')
    .describe('what may be spent in a period, e.g. "250.00"'),
  currency: z
    .literal(CURRENCY, { error: `must be ${CURRENCY}, the currency of the price table: amounts are not converted` })
    .default(CURRENCY)
    .describe('that of the price table'),
  period: z.enum(['daily', 'monthly']).default('monthly'),
  timeZone: timeZoneSchema.default('UTC').describe('in which days and months begin'),
  functions: z
    .array(nameSchema)
    .min(1)
    .max(1_000)
    .superRefine(eachOnce)
    .optional()
    .describe('those that it counts; default: all functions of the tenant'),
  criticalShare: wholeNumber(0, 100)
    .default(20)
    .describe('percent of the limit that is kept for critical functions, where it counts such'),
  alertAt: z
    .array(wholeNumber(1, 100))
    .max(20)
    .superRefine(eachOnce)
    .default([50, 75, 90, 100])
    .describe('percent of the limit, each told of once a period'),
  webhook: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be a URL such as https://hooks.example.com/budget' })
        .max(2048)
        .describe('where alerts are sent to by POST'),
      secret: nameSchema.describe('a secret of the tenant: the key of the HMAC-SHA256 in x-hub-signature-256'),
    })
    .optional()
    .describe('who is told of alerts, besides the events'),
  degrade: z
    .array(z.enum(DEGRADE_STEPS))
    .max(DEGRADE_STEPS.length)
    .superRefine(eachOnce)
    .refine(
      (steps) => !steps.includes('refuse') || steps.at(-1) === 'refuse',
      'refuse comes last: there is nothing that could be done after it',
    )
    .default([...DEGRADE_STEPS])
    .describe('what is done as it runs out, in this order; without refuse it is never a hard stop'),
});

export type BudgetSpec = z.infer<typeof budgetSpecSchema>;
/** A spec as people write it, defaults left out. */
export type BudgetSpecInput = z.input<typeof budgetSpecSchema>;

/** The limit in picodollars. */
export function limitOf({ limit }: Pick<BudgetSpec, 'limit'>): bigint {
  return picoOfDollars(limit);
}

/** Every repeated item is a problem of its own. */
function eachOnce(items: readonly (string | number)[], context: z.RefinementCtx): void {
  items.forEach((item, index) => {
    if (items.indexOf(item) < index) {
      context.addIssue({ code: 'custom', path: [index], message: `${item} is there already` });
    }
  });
}
