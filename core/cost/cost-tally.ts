import type { InvocationRecord } from '../record/invocation-record';
import { CALL_COMPONENTS } from './call-usage';
import { CostSum } from './cost-sum';
import { usageOf, type PricedRecord } from './costs-of';
import type { PriceBook } from './price-book';
import type { CostComponent, UnitPrices } from './price-table';

const MINUTE_MS = 60_000;

/** An amount, in picodollars, of a function's minute. */
export interface MinuteAmount {
  readonly tenant: string;
  readonly functionId: string;
  readonly minute: Date;
  readonly component: CostComponent;
  readonly amount: bigint;
}

/** Two amounts that should be one. */
export interface AmountDifference extends Omit<MinuteAmount, 'amount'> {
  /** What the records come to, and what is charged. */
  readonly recorded: bigint;
  readonly charged: bigint;
}

/** What was kept for a function: idle memory of a minute, or checkpoints of an hour, which begins with that minute. */
export interface KeptRow extends Omit<MinuteAmount, 'amount'> {
  readonly pricing: string;
  /** What the row says that it costs, in picodollars. */
  readonly cost: bigint;
}

/** What recorded calls, and what was kept between them, cost by function and minute: reckoned anew, to be compared with what is charged. */
export class CostTally {
  readonly #sums = new Map<
    string,
    { readonly of: Omit<MinuteAmount, 'component' | 'amount'>; readonly sum: CostSum }
  >();
  readonly #kept = new Map<string, MinuteAmount>();
  #calls = 0;
  #unpriced = 0;

  constructor(private readonly book: PriceBook) {}

  /** Calls that carry their pricing. */
  get calls(): number {
    return this.#calls;
  }

  /** Records whose pricing nobody knows. */
  get unpriced(): number {
    return this.#unpriced;
  }

  add(record: PricedRecord & Pick<InvocationRecord, 'tenant' | 'functionId' | 'at'>): void {
    if (record.pricing === null) return;
    this.#calls += 1;
    const prices = this.book.of(record.pricing);
    if (!prices) {
      this.#unpriced += 1;
      return;
    }
    const { tenant, functionId, at } = record;
    const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
    const key = keyOf({ tenant, functionId, minute });
    let found = this.#sums.get(key);
    if (!found) this.#sums.set(key, (found = { of: { tenant, functionId, minute }, sum: new CostSum() }));
    found.sum.add(prices, usageOf(record));
  }

  /** @param reckon what its quantities cost by such prices; where nobody knows them, what the row says is taken for right */
  keep({ pricing, cost, ...of }: KeptRow, reckon: (prices: UnitPrices) => bigint): void {
    const prices = this.book.of(pricing)?.prices;
    if (!prices) this.#unpriced += 1;
    const amount = prices ? reckon(prices) : cost;
    const key = `${keyOf(of)} ${of.component}`;
    this.#kept.set(key, { ...of, amount: amount + (this.#kept.get(key)?.amount ?? 0n) });
  }

  /**
   * Where what is charged is not what the records come to.
   * @param charged each function, minute and component once
   * @returns how many amounts were compared, and those that differ
   */
  compare(charged: Iterable<MinuteAmount>): {
    readonly sums: number;
    readonly differences: readonly AmountDifference[];
  } {
    const recorded = new Map([...this.#kept].filter(([, { amount }]) => amount > 0n));
    for (const { of, sum } of this.#sums.values()) {
      for (const [part, amount] of sum.costs.cost.entries()) {
        const component = CALL_COMPONENTS[part] as CostComponent;
        if (amount > 0n) recorded.set(`${keyOf(of)} ${component}`, { ...of, component, amount });
      }
    }
    const differences: AmountDifference[] = [];
    let sums = 0;
    for (const { amount, ...of } of charged) {
      const key = `${keyOf(of)} ${of.component}`;
      const own = recorded.get(key)?.amount ?? 0n;
      recorded.delete(key);
      sums += 1;
      if (own !== amount) differences.push({ ...of, recorded: own, charged: amount });
    }
    for (const { amount, ...of } of recorded.values()) differences.push({ ...of, recorded: amount, charged: 0n });
    return { sums: sums + recorded.size, differences };
  }
}

function keyOf({ tenant, functionId, minute }: Pick<MinuteAmount, 'tenant' | 'functionId' | 'minute'>): string {
  return `${minute.getTime()} ${functionId} ${tenant}`;
}
