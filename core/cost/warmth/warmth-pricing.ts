import type { Tier } from '../../function/manifest';
import type { PriceTable } from '../price-table';
import { priceTableId } from '../price-table-id';
import { pricingText } from '../pricing';
import type { HeldBatch } from './held-batch';

/** What rests on nodes of a tier is priced by: the table's prices, and which table that is. */
export function warmthPricing(table: PriceTable, tier: Tier): Pick<HeldBatch, 'pricing' | 'prices'> {
  const { gbSecondRunning, gbSecondFrozen } = table.tiers[tier];
  return { pricing: keptPricing(table, tier), prices: { gbSecondRunning, gbSecondFrozen } };
}

/** As records carry it of what is kept on nodes of a tier: wherever they stand, and whatever was promised of calls. */
export function keptPricing(table: PriceTable, tier: Tier): string {
  return pricingText({ table: priceTableId(table), tier, region: null, slaMs: null });
}
