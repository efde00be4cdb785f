import type { ColumnType, Generated } from 'kysely';
import type { PriceTable } from '../../../core/cost/price-table';

/** A column of jsonb: read as a value, written as JSON text. */
type Json<T> = ColumnType<T, string, string>;

/** The tables of what is charged; the rest of them is only read and written by SQL of its own. */
export interface CostTables {
  priceTables: {
    id: string;
    name: string;
    asOf: string | null;
    source: string;
    tiers: Json<PriceTable['tiers']>;
    firstUsedAt: Generated<Date>;
  };
  ledgerChecks: {
    id: string;
    at: Date;
    windowFrom: Date;
    windowTo: Date;
    tenant: string | null;
    calls: number;
    sums: number;
    differences: number;
    unpriced: number;
  };
}
