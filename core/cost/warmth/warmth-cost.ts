import type { UnitPrices } from '../price-table';
import { GB_SECOND, heldAmount, priceParts } from './held-amount';
import type { HeldRow } from './held-row';

/** Prices of memory that rests. */
export type WarmthPrices = Pick<UnitPrices, 'gbSecondRunning' | 'gbSecondFrozen'>;

/**
 * What a function's resting memory of a minute costs, in picodollars: frozen at its own price, all else at that of running memory.
 * @throws RangeError for what is no price
 */
export function warmthCost(
  { runningByteMs, frozenByteMs, sharedByteMs }: Pick<HeldRow, 'runningByteMs' | 'frozenByteMs' | 'sharedByteMs'>,
  { gbSecondRunning, gbSecondFrozen }: WarmthPrices,
): bigint {
  const running = heldAmount(runningByteMs + sharedByteMs, priceParts(gbSecondRunning), GB_SECOND);
  return running + heldAmount(frozenByteMs, priceParts(gbSecondFrozen), GB_SECOND);
}
