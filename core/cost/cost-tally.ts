import type { InvocationRecord } from '../record/invocation-record';
import { CALL_COMPONENTS, type CallComponent } from './call-usage';
import { CostSum } from './cost-sum';
import { usageOf, type PricedRecord } from './costs-of';
import type { PriceBook } from './price-book';

const MINUTE_MS = 60_000;

/** An amount, in picodollars, of a function's minute. */
export interface MinuteAmount {
  readonly tenant: string;
  readonly functionId: string;
  readonly minute: Date;
  readonly component: CallComponent;
  readonly amount: bigint;
}

/** Two amounts that should be one. */
export interface AmountDifference extends Omit<MinuteAmount, 'amount'> {
  /** What the records come to, and what is charged. */
  readonly recorded: bigint;
  readonly charged: bigint;
}

/** What recorded calls cost by function and minute, reckoned anew, to be compared with what is charged for them. */
export class CostTally {
  readonly #sums = new Map<
    string,
    { readonly of: Omit<MinuteAmount, 'component' | 'amount'>; readonly sum: CostSum }
  >();
  #calls = 0;
  #unpriced = 0;

  constructor(private readonly book: PriceBook) {}

  /** Calls that carry their pricing. */
  get calls(): number {
    return this.#calls;
  }

  /** Those of them whose pricing nobody knows. */
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

  /**
   * Where what is charged is not what the calls come to.
   * @param charged each function, minute and component once
   * @returns how many amounts were compared, and those that differ
   */
  compare(charged: Iterable<MinuteAmount>): {
    readonly sums: number;
    readonly differences: readonly AmountDifference[];
  } {
    const recorded = new Map<string, MinuteAmount>();
    for (const { of, sum } of this.#sums.values()) {
      for (const [part, amount] of sum.costs.cost.entries()) {
        const component = CALL_COMPONENTS[part] as CallComponent;
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
