import type { BudgetSpec, DegradeStep } from '../../../../core/budget/budget-spec';
import { numberOrText, numbersOf, unlessEmpty, wordsOf } from '../../lib/field-text';

/** The steps of the ladder with what each does, the mildest first; types alone come from the core. */
export const STEP_WORDS: Readonly<Record<DegradeStep, string>> = {
  'drop-predictive-warmth': 'nothing is held because calls are expected',
  'shorten-keep-alive': 'nothing rests for more than a minute',
  'cheaper-tier': 'only the cheapest of the tiers that a function allows',
  queue: 'one call of a function at a time in each gateway; the others wait',
  refuse: 'nothing new is done: 402 until there is money',
};
export const STEPS = Object.keys(STEP_WORDS) as readonly DegradeStep[];

/** A budget as it stands in the fields of its form. */
export interface BudgetWish {
  readonly name: string;
  readonly limit: string;
  readonly period: string;
  readonly timeZone: string;
  readonly functions: string;
  readonly criticalShare: string;
  readonly alertAt: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  readonly degrade: readonly DegradeStep[];
}

export const NEW_BUDGET: BudgetWish = {
  ...{ name: '', limit: '', period: 'monthly', timeZone: 'UTC', functions: '', criticalShare: '20' },
  ...{ alertAt: '50, 75, 90, 100', webhookUrl: '', webhookSecret: '', degrade: STEPS },
};

export function wishOf(name: string, spec: BudgetSpec): BudgetWish {
  return {
    ...{ name, limit: spec.limit, period: spec.period, timeZone: spec.timeZone },
    functions: (spec.functions ?? []).join(', '),
    criticalShare: String(spec.criticalShare),
    alertAt: spec.alertAt.join(', '),
    webhookUrl: spec.webhook?.url ?? '',
    webhookSecret: spec.webhook?.secret ?? '',
    degrade: spec.degrade,
  };
}

/** What is sent: the platform checks it, and says what is wrong with each field. */
export function specBody(wish: BudgetWish): Record<string, unknown> {
  const webhook = {
    ...unlessEmpty('url', wish.webhookUrl, wish.webhookUrl.trim()),
    ...unlessEmpty('secret', wish.webhookSecret, wish.webhookSecret.trim()),
  };
  return {
    limit: wish.limit.trim(),
    period: wish.period,
    degrade: wish.degrade,
    // An empty list is one: nobody is told.
    alertAt: numbersOf(wish.alertAt),
    ...unlessEmpty('timeZone', wish.timeZone, wish.timeZone.trim()),
    ...unlessEmpty('functions', wish.functions, wordsOf(wish.functions)),
    ...unlessEmpty('criticalShare', wish.criticalShare, numberOrText(wish.criticalShare)),
    ...(Object.keys(webhook).length > 0 ? { webhook } : {}),
  };
}

/** With a step more, before the first that is harder: an order that a person has chosen stays. */
export function withStep(degrade: readonly DegradeStep[], step: DegradeStep): DegradeStep[] {
  const harder = degrade.findIndex((other) => STEPS.indexOf(other) > STEPS.indexOf(step));
  const at = harder === -1 ? degrade.length : harder;
  return [...degrade.slice(0, at), step, ...degrade.slice(at)];
}

/** The command line that does the same. */
export function budgetCommand({ name, limit, period }: BudgetWish): string {
  return `presage budget set ${name.trim() || 'NAME'} --limit ${limit.trim() || 'DOLLARS'} --period ${period}`;
}
