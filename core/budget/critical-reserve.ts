import type { BudgetSpec } from './budget-spec';
import { limitOf } from './budget-spec';

/** What a budget's critical functions have spent of it; null: it counts none. */
export type SpentByCritical = bigint | null;

/**
 * Up to which spend of the budget functions that are not critical are served, in picodollars: the limit, less what of the share
 * of critical functions they have not spent yet. These are served until they have had their share, and beyond it up to the limit.
 */
export function ceilingForOthers(
  spec: Pick<BudgetSpec, 'limit' | 'criticalShare'>,
  spentByCritical: SpentByCritical,
): bigint {
  const limit = limitOf(spec);
  if (spentByCritical === null) return limit;
  const kept = (limit * BigInt(spec.criticalShare)) / 100n - spentByCritical;
  return kept > 0n ? limit - kept : limit;
}
