import { z } from 'zod';
import { budgetSpecSchema, DEGRADE_STEPS, limitOf } from '../../core/budget/budget-spec';
import { periodAt } from '../../core/budget/period';
import { dollarText } from '../../core/cost/money-text';
import type { BudgetAlert } from '../../drivers/store/budget-store';
import { instant } from './api-schemas';
import type { BudgetStanding } from './budget-standings';

const amount = z.string().describe('dollars, exactly');

export const budgetSchema = z
  .object({
    name: z.string(),
    spec: budgetSpecSchema,
    generation: z.number().int(),
    origin: z.enum(['api', 'kubernetes']).describe('only that side changes it'),
    createdAt: instant,
    updatedAt: instant,
    periodStart: instant.describe('of the period under way'),
    periodEnd: instant,
    spent: amount,
    percent: z.number().describe('of the limit that is spent'),
    forecast: amount.nullable().describe('of all that will be spent by the period’s end; null: nothing is decided yet'),
    steps: z.array(z.enum(DEGRADE_STEPS)).describe('in force, the mildest first'),
    alerted: z.array(z.number().int()).describe('percents that were told of in this period'),
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'Budget' });

export const budgetAlertSchema = z
  .object({
    periodStart: instant,
    percent: z.number().int(),
    at: instant,
    delivery: z.enum(['none', 'waiting', 'delivered', 'failed']).describe('to the webhook; none: there is none'),
    tries: z.number().int(),
    error: z.string().nullable(),
    settledAt: instant.nullable(),
  })
  .meta({ id: 'BudgetAlert' });

export const budgetForecastSchema = z
  .object({
    name: z.string(),
    periodStart: instant,
    periodEnd: instant,
    limit: amount,
    spent: amount,
    forecast: amount.nullable(),
    decidedAt: instant.nullable().describe('when it was forecast'),
    hours: z
      .array(z.object({ from: instant, spent: amount }))
      .describe('of the period, as far as they are in the ledger; those without spend are left out'),
    steps: z
      .array(
        z.object({
          step: z.enum(DEGRADE_STEPS),
          since: instant.nullable().describe('since when it is in force; null: it is not'),
          savesPerHour: amount.describe('dollars, exactly; of one in force what it saved when it came into force'),
          saves: amount.describe('the same until the period’s end'),
        }),
      )
      .describe('what each step of the budget saves'),
  })
  .meta({ id: 'BudgetForecast' });

export type BudgetView = z.output<typeof budgetSchema>;
export type BudgetAlertView = z.output<typeof budgetAlertSchema>;
export type BudgetForecastView = z.output<typeof budgetForecastSchema>;

/** How a budget stands. @param now Unix milliseconds */
export function budgetView({ budget, state, spent }: BudgetStanding, now: number): BudgetView {
  const { name, spec, generation, origin } = budget;
  const { start, end } = periodAt(spec, now);
  const current = state?.periodStart.getTime() === start ? state : null;
  return {
    name,
    spec,
    generation,
    origin,
    createdAt: budget.createdAt.toISOString(),
    updatedAt: budget.updatedAt.toISOString(),
    periodStart: new Date(start).toISOString(),
    periodEnd: new Date(end).toISOString(),
    spent: dollarText(spent),
    percent: Number((spent * 1_000n) / limitOf(spec)) / 10,
    forecast: current && dollarText(current.forecast),
    // Steps are taken over into the next period, and restored there.
    steps: [...(state?.steps ?? [])],
    alerted: [...(current?.alerted ?? [])],
    decidedAt: state?.decidedAt.toISOString() ?? null,
  };
}

/** @param hours what was posted of each hour of the period, picodollars */
export function budgetForecastView(
  standing: BudgetStanding,
  hours: readonly { readonly hour: Date; readonly amount: bigint }[],
  now: number,
): BudgetForecastView {
  const { budget, state, spent } = standing;
  const { name, periodStart, periodEnd, forecast, decidedAt } = budgetView(standing, now);
  return {
    name,
    periodStart,
    periodEnd,
    limit: dollarText(limitOf(budget.spec)),
    spent: dollarText(spent),
    forecast,
    decidedAt,
    hours: hours.map(({ hour, amount: within }) => ({ from: hour.toISOString(), spent: dollarText(within) })),
    steps: (state?.plan ?? []).map(({ step, since, perHour, toEnd }) => ({
      step,
      since: since === null ? null : new Date(since).toISOString(),
      savesPerHour: dollarText(perHour),
      saves: dollarText(toEnd),
    })),
  };
}

export function budgetAlertView(alert: BudgetAlert): BudgetAlertView {
  const { periodStart, percent, at, delivery, tries, error, settledAt } = alert;
  return {
    periodStart: periodStart.toISOString(),
    percent,
    at: at.toISOString(),
    delivery,
    tries,
    error,
    settledAt: settledAt?.toISOString() ?? null,
  };
}
