import type { ArModel } from '../ar-model';
import { absoluteError } from '../expert-mixture';
import { forecastAr } from '../ar-model';
import { HORIZON, type FunctionHistory } from '../forecast';
import type { FunctionModel } from '../function-model';
import { countAt } from '../member';

/** The last minutes of the training, on which candidates are compared. */
const CHOICE = 1_440;

/**
 * The model of one function, with that of the candidate autoregressions which was nearest in the last day of the training.
 * @param until index of the first count that was not trained on @param network digest, null for none
 */
export function fitFunction(
  { counts, firstMinute }: FunctionHistory,
  until: number,
  candidates: readonly (ArModel | null)[],
  network: string | null,
): FunctionModel {
  let arima: ArModel | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (!candidate) continue;
    let error = 0;
    for (let origin = Math.max(HORIZON, until - CHOICE); origin + HORIZON <= until; origin += HORIZON) {
      const actual = Array.from({ length: HORIZON }, (_, step) => countAt(counts, origin + step));
      error += absoluteError(actual, forecastAr(candidate, counts, origin, HORIZON));
    }
    if (error < least) [least, arima] = [error, candidate];
  }
  const window = { from: firstMinute, to: firstMinute + until };
  return { format: 'presage-function/1', arima, network, window };
}
