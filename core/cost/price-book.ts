import { parsePricing, type Pricing } from './pricing';
import { priceTableId } from './price-table-id';
import type { PriceTable, UnitPrices } from './price-table';

/** What a call is priced by, looked up. */
export interface CallPrices extends Pricing {
  readonly prices: UnitPrices;
}

/** Texts that are remembered: each function with an SLA on each node has its own. */
const MOST_TEXTS = 10_000;

/** Finds the prices of calls by the texts that they carry. */
export class PriceBook {
  readonly #tables: ReadonlyMap<string, PriceTable>;
  readonly #known = new Map<string, CallPrices | null>();

  constructor(tables: Iterable<PriceTable> = []) {
    this.#tables = new Map(Array.from(tables, (table) => [priceTableId(table), table] as const));
  }

  /** Null where the call carries no pricing, or one by a table that is not in the book: it costs nothing then. */
  of(pricing: string | null): CallPrices | null {
    if (pricing === null) return null;
    let found = this.#known.get(pricing);
    if (found === undefined) {
      if (this.#known.size >= MOST_TEXTS) this.#known.clear();
      this.#known.set(pricing, (found = this.#look(pricing)));
    }
    return found;
  }

  #look(text: string): CallPrices | null {
    const pricing = parsePricing(text);
    const table = pricing && this.#tables.get(pricing.table);
    return table ? { ...pricing, prices: table.tiers[pricing.tier] } : null;
  }
}
