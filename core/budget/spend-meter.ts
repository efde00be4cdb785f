import type { Pico } from '../cost/money';

/** What a budget allows, as its meter needs it. Amounts are picodollars. */
export interface MeterRules {
  readonly limit: bigint;
  /** Up to where functions that are not critical are served: what lies beyond it is kept for the critical ones. */
  readonly ceiling: bigint;
  /** Nothing is refused otherwise: the ladder ends before `refuse`. */
  readonly refuses: boolean;
}

/** What is known of a period's spending at one moment. Amounts are picodollars. */
export interface KnownSpend {
  /** By the store: what its records come to. */
  readonly spent: bigint;
  /** Of this the critical functions' part. */
  readonly spentByCritical: bigint;
  /** By this gateway and not in `spent`. */
  readonly own: bigint;
  readonly ownByCritical: bigint;
  /** By other gateways, as far as it can be told, and not in `spent`. */
  readonly others: bigint;
}

/**
 * Larger amounts are cut to this: numbers stay exact far beyond what is spent between two looks, four thousand dollars.
 */
const MOST = 2 ** 52;

/**
 * One budget in one period, as a gateway counts it: with each call it says whether there is money for one more. Between two looks at the
 * store (`know`) it counts in numbers, which is exact and costs a call next to nothing.
 */
export class SpendMeter {
  #known: KnownSpend = { spent: 0n, spentByCritical: 0n, own: 0n, ownByCritical: 0n, others: 0n };
  /** Left at the last look up to the limit, up to the ceiling, and of the critical functions' own share of the period. */
  #room: Pico = MOST;
  #roomForOthers: Pico = MOST;
  #share: Pico = 0;
  /** Spent here since. */
  #since: Pico = 0;
  #sinceByCritical: Pico = 0;
  /** What the calls that are under way will cost. */
  #held: Pico = 0;
  #heldByCritical: Pico = 0;

  constructor(private rulesNow: MeterRules) {
    this.#reckon();
  }

  get rules(): MeterRules {
    return this.rulesNow;
  }

  /** Other rules from now on; what was spent stays. */
  rule(rules: MeterRules): void {
    this.rulesNow = rules;
    this.#reckon();
  }

  /** What is known now; what was spent since the last look is in it. */
  know(known: KnownSpend): void {
    this.#known = known;
    this.#since = 0;
    this.#sinceByCritical = 0;
    this.#reckon();
  }

  /** Is there no money for one more call? */
  refuses(critical: boolean): boolean {
    if (!this.rulesNow.refuses) return false;
    const used = this.#since + this.#held;
    if (!critical) return used >= this.#roomForOthers;
    // Their share is theirs, also where others have spent a little beyond their part.
    return used >= this.#room && this.#sinceByCritical + this.#heldByCritical >= this.#share;
  }

  /** A call begins that will cost about so much. */
  hold(critical: boolean, amount: Pico): void {
    this.#held += amount;
    if (critical) this.#heldByCritical += amount;
  }

  /** It is over; @param amount as it was held */
  letGo(critical: boolean, amount: Pico): void {
    this.#held -= amount;
    if (critical) this.#heldByCritical -= amount;
  }

  /** A call has cost so much. */
  spend(critical: boolean, amount: Pico): void {
    this.#since += amount;
    if (critical) this.#sinceByCritical += amount;
  }

  /** Spent in the period, calls under way left out. */
  get spent(): bigint {
    const { spent, own, others } = this.#known;
    return spent + own + others + BigInt(this.#since);
  }

  #reckon(): void {
    const { limit, ceiling } = this.rulesNow;
    const { spent, spentByCritical, own, ownByCritical, others } = this.#known;
    const since = BigInt(this.#since);
    const sinceByCritical = BigInt(this.#sinceByCritical);
    // What was counted since then is taken off with each question.
    const all = spent + own + others + since;
    this.#room = cut(limit - all) + this.#since;
    this.#roomForOthers = cut(ceiling - all) + this.#since;
    const byCritical = spentByCritical + ownByCritical + sinceByCritical;
    this.#share = cut(limit - ceiling - byCritical) + this.#sinceByCritical;
  }
}

function cut(amount: bigint): Pico {
  if (amount > BigInt(MOST)) return MOST;
  return amount < BigInt(-MOST) ? -MOST : Number(amount);
}
