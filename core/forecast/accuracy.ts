/**
 * How far forecasts were from what came. All functions take series of equal length, one value for each step; `null` stands
 * for a measure that is not defined for them. Definitions: Hyndman & Koehler, "Another look at measures of forecast
 * accuracy" (2006), where no other source is named.
 */
export type Series = ArrayLike<number>;

/** Sum of absolute errors over the sum of the actual values; null where nothing came. */
export function wape(actual: Series, forecast: Series): number | null {
  let error = 0;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    error += Math.abs(at(actual, i) - at(forecast, i));
    total += Math.abs(at(actual, i));
  }
  return total > 0 ? error / total : null;
}

/** Root of the mean squared error; null for empty series. */
export function rmse(actual: Series, forecast: Series): number | null {
  return actual.length === 0 ? null : Math.sqrt(squaredError(actual, forecast) / actual.length);
}

/** Mean absolute error over that of a one-step naive forecast of `training`; null where that makes no error. */
export function mase(actual: Series, forecast: Series, training: Series): number | null {
  const scale = naiveError(training);
  if (scale === 0 || actual.length === 0) return null;
  let error = 0;
  for (let i = 0; i < actual.length; i++) error += Math.abs(at(actual, i) - at(forecast, i));
  return error / actual.length / scale;
}

/** Mean absolute difference of neighbours: the error of a forecast that says what was last. 0 for less than two values. */
export function naiveError(series: Series): number {
  let sum = 0;
  for (let i = 1; i < series.length; i++) sum += Math.abs(at(series, i) - at(series, i - 1));
  return series.length > 1 ? sum / (series.length - 1) : 0;
}

/** Share of the variance about the mean of what came that the forecast explains, at most 1; null for a constant series. */
export function rSquared(actual: Series, forecast: Series): number | null {
  const mean = meanOf(actual);
  let variation = 0;
  for (let i = 0; i < actual.length; i++) variation += (at(actual, i) - mean) ** 2;
  return variation > 0 ? 1 - squaredError(actual, forecast) / variation : null;
}

/** Pearson's correlation of forecast and actual, -1 to 1; null where one of them is constant. */
export function correlation(actual: Series, forecast: Series): number | null {
  const [meanA, meanF] = [meanOf(actual), meanOf(forecast)];
  let together = 0;
  let alone = 0;
  let forecasts = 0;
  for (let i = 0; i < actual.length; i++) {
    const [a, f] = [at(actual, i) - meanA, at(forecast, i) - meanF];
    together += a * f;
    alone += a * a;
    forecasts += f * f;
  }
  return alone > 0 && forecasts > 0 ? together / Math.sqrt(alone * forecasts) : null;
}

/**
 * Mean relative error over the steps in which something came (MAPE), and the share of steps left out because nothing did.
 * Of totals of ten minutes it is the seed's measure; of single minutes it says little. A fraction, not percent.
 */
export function mape(actual: Series, forecast: Series): { readonly mape: number | null; readonly zeroShare: number } {
  let sum = 0;
  let counted = 0;
  for (let i = 0; i < actual.length; i++) {
    if (at(actual, i) === 0) continue;
    sum += Math.abs(at(actual, i) - at(forecast, i)) / Math.abs(at(actual, i));
    counted++;
  }
  const zeroShare = actual.length === 0 ? 0 : 1 - counted / actual.length;
  return { mape: counted > 0 ? sum / counted : null, zeroShare };
}

/** Mean pinball loss of forecasts of the quantile `q` (0 to 1); null for empty series. Koenker & Bassett (1978). */
export function pinball(actual: Series, quantile: Series, q: number): number | null {
  if (actual.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    const over = at(actual, i) - at(quantile, i);
    sum += over >= 0 ? q * over : (q - 1) * over;
  }
  return sum / actual.length;
}

/** Share of the steps whose value lies within the interval, its ends included; null for empty series. */
export function coverage(actual: Series, low: Series, high: Series): number | null {
  if (actual.length === 0) return null;
  let inside = 0;
  for (let i = 0; i < actual.length; i++) {
    if (at(actual, i) >= at(low, i) && at(actual, i) <= at(high, i)) inside++;
  }
  return inside / actual.length;
}

/** Sums of each `size` neighbours; a rest that is shorter is left out. */
export function totals(series: Series, size: number): number[] {
  const sums: number[] = [];
  for (let from = 0; from + size <= series.length; from += size) {
    let sum = 0;
    for (let i = from; i < from + size; i++) sum += at(series, i);
    sums.push(sum);
  }
  return sums;
}

function squaredError(actual: Series, forecast: Series): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += (at(actual, i) - at(forecast, i)) ** 2;
  return sum;
}

function meanOf(series: Series): number {
  let sum = 0;
  for (let i = 0; i < series.length; i++) sum += at(series, i);
  return series.length === 0 ? 0 : sum / series.length;
}

function at(series: Series, index: number): number {
  return series[index] as number;
}
