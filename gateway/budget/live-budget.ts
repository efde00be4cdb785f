import { dueAlerts } from '../../core/budget/alerts';
import { limitOf } from '../../core/budget/budget-spec';
import { ceilingForOthers } from '../../core/budget/critical-reserve';
import { markAt, toNextMark } from '../../core/budget/next-mark';
import { periodAt, type Period } from '../../core/budget/period';
import { readPaceMs, SHORTEST_READ_MS } from '../../core/budget/read-pace';
import { SpendMeter, type MeterRules } from '../../core/budget/spend-meter';
import { SpendRate } from '../../core/budget/spend-rate';
import type { BudgetRecord, BudgetState } from '../../drivers/store/budget-store';

/** Over which the rates of spending are reckoned, milliseconds. */
const RATE_MS = 4_000;
/** So long, on average, what another gateway has spent is on its way to the store: it writes a second's records together. */
const OTHERS_LATE_MS = 750;

/** What a look at the store found. Amounts are picodollars. */
export interface Looked {
  /** When it began, Unix milliseconds. */
  readonly at: number;
  readonly spent: bigint;
  readonly spentByCritical: bigint;
  /** This gateway's part of what is in it and cannot have been in the look before, and what besides may be in it. */
  readonly ownSeen: bigint;
  readonly ownPerhaps: bigint;
}

/** What this gateway has spent beyond what the last look saw. */
export interface Unseen {
  readonly amount: bigint;
  readonly byCritical: bigint;
}

/** One budget as a gateway sees it: what is spent in its period, how fast, and when to look again. Times are Unix milliseconds. */
export class LiveBudget {
  readonly meter: SpendMeter;
  /** Calls that this gateway has refused for it: with 402, and with 429 while calls go one by one. */
  readonly refused = { exhausted: 0, queue: 0 };
  #record: BudgetRecord;
  #state: BudgetState | null = null;
  #period: Period;
  #reserving = false;
  #looked: Looked | null = null;
  /** Since the first look in this period: what this gateway has spent; and of all others, and before, all there is. */
  #ownSeen = 0n;
  #others = 0n;
  readonly #othersRate = new SpendRate(RATE_MS);
  readonly #allRate = new SpendRate(RATE_MS);
  #spentBefore: bigint | null = null;
  /** Calls came since the last look, and between it and the one before. */
  #touched = false;
  #awake = false;

  constructor(record: BudgetRecord, now: number) {
    this.#record = record;
    this.#period = periodAt(record.spec, now);
    this.meter = new SpendMeter(this.#rules());
  }

  get record(): BudgetRecord {
    return this.#record;
  }

  get period(): Period {
    return this.#period;
  }

  /** When the last look began; null before the first in this period. */
  get lookedAt(): number | null {
    return this.#looked?.at ?? null;
  }

  /** Is this step in force? What was decided by another spec, or in another period, says nothing. */
  enforces(step: BudgetState['steps'][number], now: number): boolean {
    const state = this.#standing(now);
    return state?.generation === this.#record.generation && state.steps.includes(step);
  }

  /** What the store says of it now. */
  follow(record: BudgetRecord, state: BudgetState | null, now: number): void {
    const { period, timeZone, functions } = this.#record.spec;
    const { spec } = record;
    // What was spent by other functions, or in another period, says nothing of these.
    const other = period !== spec.period || timeZone !== spec.timeZone || String(functions) !== String(spec.functions);
    this.#record = record;
    this.#state = state;
    this.meter.rule(this.#rules());
    if (other) this.#begin(now);
  }

  /** @param reserving it covers critical functions beside others: a part is kept for them */
  reserve(reserving: boolean): void {
    this.#reserving = reserving;
    this.meter.rule(this.#rules());
  }

  /** Begins a new period where the old one is over. True when it did. */
  turn(now: number): boolean {
    const over = now >= this.#period.end || now < this.#period.start;
    if (over) this.#begin(now);
    return over;
  }

  look(looked: Looked): void {
    const first = this.#looked === null;
    this.#ownSeen += first ? 0n : looked.ownSeen;
    // What others have spent lies between these two. Where it did not, it has changed by no more than it must have.
    const most = looked.spent - this.#ownSeen;
    const least = most - looked.ownPerhaps;
    const before = this.#others;
    this.#others = first || before > most ? most : before < least ? least : before;
    this.#othersRate.add(looked.at, Number(this.#others - before));
    this.#looked = looked;
    this.#awake = this.#touched;
    this.#touched = false;
  }

  /** A call came; after a rest, what others have spent meanwhile matters again at once. */
  touch(): void {
    this.#touched = true;
  }

  /** Puts together what is known now. */
  settle(unseen: Unseen, now: number): void {
    const { spent = 0n, spentByCritical = 0n, at = now } = this.#looked ?? {};
    const others = BigInt(Math.round(this.#othersRate.perMs * (Math.max(0, now - at) + OTHERS_LATE_MS)));
    this.meter.know({ spent, spentByCritical, own: unseen.amount, ownByCritical: unseen.byCritical, others });
    const sum = this.meter.spent;
    this.#allRate.add(now, this.#spentBefore === null ? 0 : Number(sum - this.#spentBefore));
    this.#spentBefore = sum;
  }

  /** Is it time to read what was spent? */
  due(now: number): boolean {
    if (!this.#looked) return true;
    const wakes = this.#touched && !this.#awake;
    const left = toNextMark(this.#marks, this.#looked.spent, this.meter.spent);
    const pace = wakes ? SHORTEST_READ_MS : readPaceMs(left, this.#allRate.perMs);
    return now - this.#looked.at >= pace;
  }

  /** What has happened that its workflow has not decided about yet, in a word; null: nothing. */
  undecided(now: number): string | null {
    const { spec, generation } = this.#record;
    const state = this.#standing(now);
    if (state && state.generation !== generation) return `generation ${generation}`;
    if (!this.#looked) return null;
    const { spent, rules } = this.meter;
    const reached = dueAlerts(spec.alertAt, { spent, limit: rules.limit }, state?.alerted ?? []).at(-1);
    if (reached !== undefined) return `${reached} %`;
    return rules.refuses && spent >= rules.ceiling && !state?.steps.includes('refuse') ? 'the limit' : null;
  }

  #standing(now: number): BudgetState | null {
    return this.#state && now < this.#state.periodEnd.getTime() ? this.#state : null;
  }

  /** Where something is to be told or done. */
  get #marks(): bigint[] {
    const { limit, ceiling } = this.meter.rules;
    return [...this.#record.spec.alertAt.map((percent) => markAt(percent, limit)), ceiling, limit];
  }

  #begin(now: number): void {
    this.#period = periodAt(this.#record.spec, now);
    this.#looked = null;
    this.#ownSeen = 0n;
    this.#others = 0n;
    this.#othersRate.forget();
    this.#allRate.forget();
    this.#spentBefore = null;
    this.meter.know({ spent: 0n, spentByCritical: 0n, own: 0n, ownByCritical: 0n, others: 0n });
  }

  #rules(): MeterRules {
    const { spec } = this.#record;
    const ceiling = ceilingForOthers(spec, this.#reserving);
    return { limit: limitOf(spec), ceiling, refuses: spec.degrade.includes('refuse') };
  }
}
