import type { BudgetSpec } from './budget-spec';
import { limitOf } from './budget-spec';

/** Does a budget of these functions keep something back? Only where critical ones share it with others. */
export function reserves(functions: readonly { readonly critical: boolean }[]): boolean {
  return new Set(functions.map(({ critical }) => critical)).size === 2;
}

/**
 * Up to which spend of the budget functions that are not critical are served, in picodollars: the limit, less the share of critical
 * functions. Whatever these have cost before, be it calls or warmth: when the others are stopped their whole share is still there,
 * for the rest of the period.
 * @param reserving see `reserves`
 */
export function ceilingForOthers(spec: Pick<BudgetSpec, 'limit' | 'criticalShare'>, reserving: boolean): bigint {
  const limit = limitOf(spec);
  return reserving ? limit - (limit * BigInt(spec.criticalShare)) / 100n : limit;
}
