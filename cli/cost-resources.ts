import type { CostComponent, UnitPrices } from '../core/cost/price-table';
import type { Tier } from '../core/function/manifest';

/** What the commands read of the API's answers about cost; amounts and prices are micro-dollars. */

export interface PriceTableResource {
  readonly table: string;
  readonly tableId: string;
  readonly asOf: string | null;
  readonly source: string;
  readonly tiers: Readonly<Record<Tier, UnitPrices>>;
}
export interface InvocationCostResource {
  readonly id: string;
  readonly table: string;
  readonly asOf: string | null;
  readonly tier: Tier;
  /** False: at the prices of now, and in no ledger. */
  readonly charged: boolean;
  readonly parts: readonly {
    readonly component: CostComponent;
    readonly quantity: number;
    readonly unit: string;
    readonly price: number;
    readonly amount: number;
  }[];
  readonly amount: number;
  readonly picoDollars: number;
}
export interface CostRecommendationResource {
  readonly id: string;
  readonly strategy: string;
  readonly title: string;
  readonly evidence: readonly {
    readonly name: string;
    readonly value: number | string;
    readonly unit: string | null;
  }[];
  readonly monthlySaving: number;
  readonly confidence: string;
  readonly does: string;
  readonly undo: string;
  readonly state: string;
  readonly reason: string | null;
}
export interface CostSearchResource {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly found: number | null;
}
/** An amount: dollars, to the last digit. */
interface Charged {
  readonly component: CostComponent;
  readonly quantity: number;
  readonly unit: string;
  readonly dollars: string;
}
export interface LedgerLineResource extends Charged {
  readonly time: string;
  readonly function: string;
}
export interface StatementResource {
  readonly tenant: string;
  readonly month: string;
  readonly timeZone: string;
  readonly complete: boolean;
  readonly functions: readonly {
    readonly function: string;
    readonly parts: readonly Charged[];
    readonly dollars: string;
  }[];
  readonly parts: readonly Charged[];
  readonly paid: { readonly dollars: string };
  readonly dollars: string;
}
export interface LedgerCheckResource {
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly result: {
    readonly from: string;
    readonly to: string;
    readonly calls: number;
    readonly sums: number;
    readonly differences: number;
    readonly unpriced: number;
    readonly examples: readonly {
      readonly functionId: string;
      readonly minute: string;
      readonly component: CostComponent;
      readonly recorded: string;
      readonly charged: string;
    }[];
  } | null;
}
