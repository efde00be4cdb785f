import { QUANTILES } from './forecast';
import type { WeightedValues } from './weighted-values';

/** The sum of the minutes ahead. */
export interface TotalForecast {
  readonly point: number;
  readonly mean: number;
  readonly quantiles: readonly number[];
}

/** Below half a request relative errors mean nothing. */
const LEAST_TOTAL = 0.5;

/**
 * The total of the minutes ahead from what each member has of it. The point is the median of the distribution weighted by one
 * over its values: the one with the least expected relative error (Gneiting, 2011, table 1).
 * @param spread the members' for each of `QUANTILES`
 */
export function totalOf(
  values: WeightedValues,
  totals: readonly number[],
  weights: Float64Array,
  spread: ArrayLike<number>,
  mean: number,
): TotalForecast {
  values.set(totals.length, (index) => totals[index] as number);
  const [point] = values.quantiles(
    [0.5],
    (index, value) => (weights[index] as number) / Math.max(LEAST_TOTAL, value),
  ) as unknown as [number];
  const [median] = values.quantiles([0.5], (index) => weights[index] as number) as unknown as [number];
  const quantiles = QUANTILES.map((level, place) => {
    const value = spread[place] as number;
    return level === 0.5 ? median : level < 0.5 ? Math.min(value, median) : Math.max(value, median);
  });
  return { point, mean, quantiles };
}
