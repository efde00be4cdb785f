import { TIERS, type Tier } from '../function/manifest';
import type { PriceTable } from './price-table';
import { GB_MONTH, heldAmount, priceParts } from './warmth/held-amount';
import { keptPricing } from './warmth/warmth-pricing';

/** By what checkpoints are priced, by the tier of the node that they were made for. */
export type StoragePricing = Readonly<Record<Tier, { readonly pricing: string; readonly checkpointGbMonth: number }>>;

export function storagePricing(table: PriceTable): StoragePricing {
  const each = (tier: Tier): StoragePricing[Tier] => ({
    pricing: keptPricing(table, tier),
    checkpointGbMonth: table.tiers[tier].checkpointGbMonth,
  });
  return Object.fromEntries(TIERS.map((tier) => [tier, each(tier)])) as StoragePricing;
}

/** What checkpoints of so many bytes × milliseconds cost, in picodollars. @throws RangeError for what is no price */
export function storageCost(byteMs: bigint, checkpointGbMonth: number): bigint {
  return heldAmount(byteMs, priceParts(checkpointGbMonth), GB_MONTH);
}
