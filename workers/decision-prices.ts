import { costSettingsSchema } from '../core/cost/cost-settings';
import { resourcePricesOf } from '../core/cost/resource-prices-of';
import { placementPricesOf } from '../core/placement/placement-prices';
import { warmingPricesOf } from '../core/warming/prices';

/**
 * Prices of warming and placement that follow from the section `cost`, to stand below what the configuration says of them itself:
 * none where that section is wrong, which is said elsewhere.
 */
export function decisionPrices(configuration: Record<string, unknown>): Record<string, unknown> {
  const cost = costSettingsSchema.safeParse(configuration['cost'] ?? {});
  if (!cost.success) return {};
  const prices = resourcePricesOf(cost.data);
  return { warming: { prices: warmingPricesOf(prices) }, placement: { prices: placementPricesOf(prices) } };
}
