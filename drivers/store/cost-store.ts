import type { LedgerStep } from '../../core/cost/ledger-step';
import type { AmountDifference } from '../../core/cost/cost-tally';
import type { CostComponent, PriceTable } from '../../core/cost/price-table';
import type { Page, PageQuery } from './store';

/** What a function was charged for one component in one step of time. */
export interface LedgerLine {
  /** Its begin, in UTC. */
  readonly time: Date;
  readonly functionId: string;
  readonly function: string;
  readonly component: CostComponent;
  /** In the unit that has a price. */
  readonly quantity: number;
  /** Picodollars. */
  readonly amount: bigint;
}

/** Which lines; `from` inclusive, `to` exclusive. */
export interface LedgerQuery {
  readonly tenant: string;
  readonly functionId?: string | undefined;
  readonly from: Date;
  readonly to: Date;
  readonly components?: readonly CostComponent[] | undefined;
}

export interface SpendQuery {
  readonly tenant: string;
  /** Null: all of the tenant. */
  readonly functionIds: readonly string[] | null;
  readonly from: Date;
  readonly to: Date;
}

/** What has been spent, in picodollars: what is in the ledger, and what is on its way there. Credits for late calls are paid by nobody. */
export interface Spend {
  readonly spent: bigint;
  /** Of those that were asked for, the ones that have spent anything. */
  readonly byFunction: ReadonlyMap<string, bigint>;
  /** What was written before this moment of our own clock is in it. */
  readonly readFrom: Date;
}

/** What a posting has brought into the ledger. */
export interface Posting {
  readonly lines: number;
  /** Picodollars. */
  readonly amount: bigint;
}

/** What came of comparing records with the ledger: of calls, of idle memory, of checkpoints. */
export interface LedgerComparison {
  /** Calls that carry their pricing. */
  readonly calls: number;
  /** Sums compared: functions, minutes and components in which anything was charged or recorded. */
  readonly sums: number;
  readonly differences: number;
  /** The first of them. */
  readonly examples: readonly AmountDifference[];
  /** Records that are priced by a table which nobody has kept: such calls are not charged, what was kept cannot be reckoned anew. */
  readonly unpriced: number;
}

/** A comparison that was made. */
export interface LedgerCheck extends Omit<LedgerComparison, 'examples'> {
  readonly id: string;
  readonly at: Date;
  readonly from: Date;
  readonly to: Date;
  /** Null: of all tenants. */
  readonly tenant: string | null;
}

/** What is charged: prices that were in force, the ledger, and what is not in it yet. */
export interface CostStore {
  /** Keeps a table under `priceTableId`, which it returns; one that is there stays as it is. */
  putPriceTable(table: PriceTable): Promise<string>;
  priceTable(id: string): Promise<PriceTable | null>;
  /**
   * Brings into the ledger what the minutes that were over at `now` have been charged since the last time. Whoever calls at
   * the same time waits; what fails midway goes on the next time, and nothing is posted twice.
   */
  postLedger(now: Date): Promise<Posting>;
  /**
   * By time, then by function and component. Steps are those of UTC. With `sum` all functions are summed: their id and name
   * are empty.
   */
  ledger(
    query: LedgerQuery & { readonly by: LedgerStep; readonly sum?: boolean | undefined } & PageQuery,
  ): Promise<Page<LedgerLine>>;
  /**
   * Reckons anew what the calls of a span cost, and what was kept for functions in it, from the records and the prices that they
   * carry, and compares it with what the ledger has of them or is about to get. Of one moment: it holds also while records are
   * written and posted.
   * @param query whole minutes, `from` inclusive, `to` exclusive
   */
  compareLedger(query: {
    readonly tenant: string | null;
    readonly from: Date;
    readonly to: Date;
  }): Promise<LedgerComparison>;
  /** One that is known already is not kept again. */
  keepLedgerCheck(check: LedgerCheck): Promise<void>;
  /** The newest of all tenants together. */
  latestLedgerCheck(): Promise<LedgerCheck | null>;
  /**
   * In the order of the queries, of one moment all of them. Cheap when asked again: only what came since is read.
   */
  spend(queries: readonly SpendQuery[]): Promise<readonly Spend[]>;
}
