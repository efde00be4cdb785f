import { picoOf, type Pico } from '../cost/money';
import type { UnitPrices } from '../cost/price-table';

/** Seconds that a call is taken to last before one has been seen. */
const SECONDS = 0.1;

/** What a call of a function is taken to cost before one has ended: the request, and its memory for a tenth of a second. */
export function firstGuess(memoryBytes: number, { request, gbSecondRunning }: UnitPrices): Pico {
  return picoOf(1, request) + picoOf((memoryBytes / 1e9) * SECONDS, gbSecondRunning);
}
