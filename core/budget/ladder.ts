import type { DegradeStep } from './budget-spec';
import { shareOf } from './share-of';

/** A step of a budget with its price effect. Amounts are picodollars. */
export interface StepPlan {
  readonly step: DegradeStep;
  /** Since when it is in force, Unix milliseconds; null: it is not. */
  readonly since: number | null;
  /** What it saves each hour; of one in force what it saved when it came into force. */
  readonly perHour: bigint;
  /** What it saves from now to the period's end. */
  readonly toEnd: bigint;
}

/** Percent of the ceiling below which a step never comes into force, however bad the forecast is: early ones are rough. */
export const ENGAGES_FROM: Readonly<Record<DegradeStep, number>> = {
  'drop-predictive-warmth': 50,
  'shorten-keep-alive': 60,
  'cheaper-tier': 75,
  queue: 95,
  refuse: 100,
};

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** As long as it takes until the forecast shows the whole effect of a step. */
export const SEEN_AFTER_MS = HOUR_MS;
/** Steps are taken back only where the forecast without them is below this percent of the ceiling ... */
export const RELEASES_BELOW = 95;
/** ... and when nothing has changed for this long. */
export const SETTLES_MS = 10 * MINUTE_MS;

export interface LadderFacts {
  /** Of the budget, in its order. */
  readonly steps: readonly DegradeStep[];
  /** What each step would save an hour; one that is missing saves nothing. */
  readonly effects: ReadonlyMap<DegradeStep, bigint>;
  /** Up to which spend functions that are not critical are served. */
  readonly ceiling: bigint;
  readonly spent: bigint;
  /** Of all that will be spent by the period's end, as things go. */
  readonly forecast: bigint;
  readonly hoursLeft: number;
  /** As it was left by the last decision, whatever the period. */
  readonly before: readonly StepPlan[];
  /** When steps last changed; null: never. */
  readonly changedAt: number | null;
  /** Unix milliseconds. */
  readonly now: number;
}

export interface LadderDecision {
  /** All steps of the budget in their order. */
  readonly plan: readonly StepPlan[];
  readonly taken: readonly DegradeStep[];
  readonly restored: readonly DegradeStep[];
}

/**
 * Which steps are in force from now on.
 *
 * A step comes into force when spend has reached its percent of the ceiling and the forecast, with the steps in force, ends above the
 * ceiling; `refuse` when spend has reached the ceiling. One that would save nothing is left out. Milder steps come first, and as many
 * as it takes: each is counted with what it saves until the period's end, less what the forecast shows already (over an hour).
 *
 * Steps are taken back one in a decision, the hardest first: where spend is below a step's percent, because the period has turned or
 * the limit was raised, at once; else where the forecast without it stays below 95 % of the ceiling and nothing has changed for ten
 * minutes. Between coming and going lie 5 % of the ceiling and ten minutes, so that a step does not flap. A step that the
 * budget no longer names goes at once.
 */
export function decideSteps(facts: LadderFacts): LadderDecision {
  const { steps, effects, now } = facts;
  const known = new Map(facts.before.map((plan) => [plan.step, plan]));
  const plan = new Map(
    steps.map((step): [DegradeStep, StepPlan] => {
      const { since = null, perHour = 0n } = known.get(step) ?? {};
      const saved = since === null ? (effects.get(step) ?? 0n) : perHour;
      return [step, { step, since, perHour: saved, toEnd: shareOf(saved, facts.hoursLeft) }];
    }),
  );
  const dropped = facts.before.filter(({ step, since }) => since !== null && !plan.has(step)).map(({ step }) => step);
  const taken: DegradeStep[] = [];
  for (const step of steps) {
    const own = plan.get(step) as StepPlan;
    if (own.since !== null || !isDue(own, facts, [...plan.values()])) continue;
    plan.set(step, { ...own, since: now });
    taken.push(step);
  }
  const release = taken.length > 0 ? undefined : [...steps].reverse().find((step) => mayEnd(step, facts, plan));
  if (release !== undefined) plan.set(release, unforced(plan.get(release) as StepPlan, facts));
  return { plan: [...plan.values()], taken, restored: [...dropped, ...(release === undefined ? [] : [release])] };
}

/** The steps of a plan that are in force. */
export function inForce(plan: readonly StepPlan[]): readonly DegradeStep[] {
  return plan.filter(({ since }) => since !== null).map(({ step }) => step);
}

function isDue(own: StepPlan, facts: LadderFacts, plan: readonly StepPlan[]): boolean {
  const { spent, ceiling, forecast } = facts;
  if (own.step === 'refuse') return spent >= ceiling;
  if (!reached(own.step, facts) || own.perHour <= 0n) return false;
  // What is spent stays spent, whatever is saved from now on.
  const expected = forecast - plan.reduce((sum, step) => sum + unseen(step, facts), 0n);
  return (expected > spent ? expected : spent) > ceiling;
}

/** The hardest in force, where it is not needed any more. */
function mayEnd(step: DegradeStep, facts: LadderFacts, plan: ReadonlyMap<DegradeStep, StepPlan>): boolean {
  const { now, changedAt, ceiling, forecast } = facts;
  const own = plan.get(step) as StepPlan;
  const harder = [...plan.values()].filter(({ since }) => since !== null).at(-1);
  if (own.since === null || own !== harder) return false;
  if (!reached(step, facts)) return true;
  if (step === 'refuse') return false;
  const last = Math.max(own.since, changedAt ?? 0);
  if (now - last < SETTLES_MS) return false;
  const others = [...plan.values()].filter((other) => other !== own);
  const without = forecast + seen(own, facts) - others.reduce((sum, other) => sum + unseen(other, facts), 0n);
  return without * 100n <= ceiling * BigInt(RELEASES_BELOW);
}

function reached(step: DegradeStep, { spent, ceiling }: LadderFacts): boolean {
  return spent * 100n >= ceiling * BigInt(ENGAGES_FROM[step]);
}

/** What the forecast does not show yet of what a step in force saves. */
function unseen(plan: StepPlan, facts: LadderFacts): bigint {
  return plan.since === null ? 0n : plan.toEnd - seen(plan, facts);
}

/** What the forecast shows of it: all after an hour, and nothing at its beginning. */
function seen({ since, toEnd }: StepPlan, { now }: LadderFacts): bigint {
  if (since === null) return 0n;
  return shareOf(toEnd, Math.min(1, Math.max(0, now - since) / SEEN_AFTER_MS));
}

function unforced(plan: StepPlan, { effects, hoursLeft }: LadderFacts): StepPlan {
  const perHour = effects.get(plan.step) ?? 0n;
  return { ...plan, since: null, perHour, toEnd: shareOf(perHour, hoursLeft) };
}
