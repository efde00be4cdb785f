import type { Share } from '../../core/admission/share';
import type { Pico } from '../../core/cost/money';
import { PlatformError } from '../../core/error/platform-error';
import type { LiveBudget } from './live-budget';

/** Of each call in the mean of what a call costs. */
const LEARNING_RATE = 0.05;
/** While `queue` is in force: one call of a function at a time. */
const ONE_AT_A_TIME: Share = { weight: 1, max: 1, reserved: 0 };
/** Those that find the line full are told to come again after so long, seconds. */
const QUEUE_RETRY_S = 5;

/** What a call that was let in is expected to cost, given back when it is over. */
export type Held = Pico;

/** One function that budgets cover: whether there is money for one more call of it, and what its calls cost. */
export class CoveredFunction {
  /** Null unless its calls are to go one by one. */
  queuedBy: LiveBudget | null = null;
  #critical = false;
  #budgets: readonly LiveBudget[] = [];
  #mean: Pico | null = null;
  /** Of the calls under way. */
  #held: Pico = 0;

  constructor(
    readonly functionId: string,
    readonly name: string,
    /** What a call is taken to cost before one has ended. */
    private readonly firstGuess: Pico,
  ) {}

  get critical(): boolean {
    return this.#critical;
  }

  get budgets(): readonly LiveBudget[] {
    return this.#budgets;
  }

  /** These cover it from now on; calls under way are taken along. */
  cover(budgets: readonly LiveBudget[], critical: boolean): void {
    for (const { meter } of this.#budgets) meter.letGo(this.#critical, this.#held);
    this.#budgets = budgets;
    this.#critical = critical;
    for (const { meter } of budgets) meter.hold(critical, this.#held);
  }

  /** What its share of the gateway's places is meanwhile; undefined: its own. */
  get share(): Share | undefined {
    return this.queuedBy ? ONE_AT_A_TIME : undefined;
  }

  /** Is there a budget without money for one more call? The one that will be without it for the longest. */
  get exhausted(): LiveBudget | null {
    let until: LiveBudget | null = null;
    for (const budget of this.#budgets) {
      if (!budget.meter.refuses(this.#critical)) continue;
      if (!until || budget.period.end > until.period.end) until = budget;
    }
    return until;
  }

  /** A call wants in. @throws PlatformError budget_exhausted when there is no money for it */
  enter(): Held {
    this.require();
    const held = Math.round(this.#mean ?? this.firstGuess);
    this.#held += held;
    for (const { meter } of this.#budgets) meter.hold(this.#critical, held);
    return held;
  }

  /** Is there money for one more call? @throws PlatformError budget_exhausted */
  require(): void {
    for (const budget of this.#budgets) budget.touch();
    const budget = this.exhausted;
    if (!budget) return;
    budget.refused.exhausted++;
    throw exhausted(budget);
  }

  /** It is over. */
  leave(held: Held): void {
    this.#held -= held;
    for (const { meter } of this.#budgets) meter.letGo(this.#critical, held);
  }

  /** A call has cost so much. */
  spent(amount: Pico): void {
    // One that stands out must not be expected of each that follows: by twice at most it counts.
    this.#mean = this.#mean ? this.#mean + Math.min(amount - this.#mean, this.#mean) * LEARNING_RATE : amount;
    for (const { meter } of this.#budgets) meter.spend(this.#critical, amount);
  }

  /** What a call is told that found no place in the line: while `queue` is in force it was the budget that made it wait. */
  overflow(error: PlatformError): PlatformError {
    const budget = this.queuedBy;
    if (!budget || error.code !== 'capacity') return error;
    budget.refused.queue++;
    const { name } = budget.record;
    return new PlatformError(
      'budget_queue',
      `The budget "${name}" runs out: until it has room again, calls of ${this.name} go one by one, and more of them wait than may`,
      {
        retryAfterSeconds: Math.max(QUEUE_RETRY_S, error.retryAfterSeconds ?? 0),
        until: new Date(budget.period.end),
        hint: `Come back after Retry-After, or have the budget raised: presage budget set ${name} --limit …`,
      },
    );
  }
}

function exhausted({ record, period }: LiveBudget): PlatformError {
  const { name, spec, tenant } = record;
  const { limit, currency, period: each } = spec;
  const until = new Date(period.end);
  const text = until.toISOString();
  return new PlatformError(
    'budget_exhausted',
    `The budget "${name}" of ${tenant} allows ${limit} ${currency} ${each === 'daily' ? 'a day' : 'a month'}, which is spent: nothing new is done until ${text}, or until it is raised`,
    { until, hint: `Wait until ${text}, or have it raised: presage budget set ${name} --limit …` },
  );
}
