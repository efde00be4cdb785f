import { forecastAr, type ArModel } from '../ar-model';
import { absoluteError } from '../expert-mixture';
import { HORIZON, type FunctionHistory } from '../forecast';
import type { FunctionModel } from '../function-model';
import { countsFrom } from '../member';

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
      const actual = countsFrom(counts, origin, HORIZON);
      error += absoluteError(actual, forecastAr(candidate, counts, origin, HORIZON));
    }
    if (error < least) [least, arima] = [error, candidate];
  }
  const window = { from: firstMinute, to: firstMinute + until };
  return { format: 'presage-function/1', arima, network, window };
}
