import { extrapolate, oneStepError, type ArModel } from '../../../core/forecast/ar-model';
import type { ArOrder } from '../../../core/forecast/fit-ar';
import type { RawFit } from './fit-thread';

/** How far our recursion may be from the package's forecast, relative to the largest count. */
const TOLERANCE = 1e-6;
/** Beyond so many times the largest count a fit has diverged. */
const MOST_TIMES_LARGEST = 3;
const ANY = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/**
 * The model in requests a minute, or null where it has diverged or is not what the package forecasts with.
 * @param scaled the counts over the largest, as the package got them
 */
export function checkedModel(
  { forecast, constant, coefficients }: RawFit,
  { p, d }: ArOrder,
  scaled: Float64Array,
  counts: Float64Array,
  largest: number,
): ArModel | null {
  if (coefficients.length !== p + d) return null;
  if (forecast.some((value) => !(Math.abs(value) <= MOST_TIMES_LARGEST))) return null;
  const ours = extrapolate({ coefficients, constant }, scaled, scaled.length, forecast.length, ANY);
  if (forecast.some((value, step) => !(Math.abs(value - (ours[step] as number)) <= TOLERANCE))) return null;
  const line = { coefficients, constant: constant * largest };
  return { p, d, ...line, largest, sigma: oneStepError(line, counts) };
}
