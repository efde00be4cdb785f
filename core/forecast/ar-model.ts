import { z } from 'zod';
import { countAt, type Counts, type Member } from './member';

/** Forecasts stay below so many times the largest count of the training: a linear model knows no bound of its own. */
const MOST_TIMES_LARGEST = 3;

/**
 * An ARIMA(p, d, 0) as one line: the next count is `constant` and the last p + d counts times `coefficients`, the newest
 * first; differences are multiplied out. `largest` is the largest count it was trained on, `sigma` the standard deviation of
 * its errors one minute ahead there, both in requests a minute. Plain JSON.
 */
export const arModelSchema = z
  .strictObject({
    p: z.int().min(0).max(1_440),
    d: z.int().min(0).max(1),
    coefficients: z.array(z.number()).min(1),
    constant: z.number(),
    largest: z.number().positive(),
    sigma: z.number().min(0),
  })
  .refine(({ p, d, coefficients }) => coefficients.length === p + d, 'needs p + d coefficients');

export type ArModel = Readonly<z.infer<typeof arModelSchema>>;

/** The model as a member of the mixture. */
export function arMember(name: string, model: ArModel): Member {
  return { name, forecast: (counts, origin, horizon) => forecastAr(model, counts, origin, horizon) };
}

/**
 * Expected requests in each of the next minutes, between 0 and three times the largest count of the training, whatever the
 * history: what is no count in it is taken for 0, what is above that bound for the bound.
 * @param origin the first minute that is not known @param horizon minutes ahead
 */
export function forecastAr(model: ArModel, counts: Counts, origin: number, horizon: number): Float64Array {
  return extrapolate(model, counts, origin, horizon, { low: 0, high: MOST_TIMES_LARGEST * model.largest });
}

/** The recursion itself, each value held within bounds before the next is made of it. A value that is no number is `low`. */
export function extrapolate(
  { coefficients, constant }: Pick<ArModel, 'coefficients' | 'constant'>,
  counts: Counts,
  origin: number,
  horizon: number,
  { low, high }: { readonly low: number; readonly high: number },
): Float64Array {
  const order = coefficients.length;
  const values = new Float64Array(order + horizon);
  const within = (value: number): number => (value > low ? Math.min(value, high) : low);
  for (let i = 0; i < order; i++) values[i] = within(countAt(counts, origin - order + i));
  for (let step = order; step < values.length; step++) {
    let next = constant;
    for (let lag = 1; lag <= order; lag++) next += (coefficients[lag - 1] as number) * (values[step - lag] as number);
    values[step] = within(next);
  }
  return values.slice(order);
}

/** Root of the mean squared error one minute ahead, over the minutes whose whole past is known. @param counts at least p + d + 1 */
export function oneStepError(
  { coefficients, constant }: Pick<ArModel, 'coefficients' | 'constant'>,
  counts: Counts,
): number {
  const order = coefficients.length;
  let squares = 0;
  for (let minute = order; minute < counts.length; minute++) {
    let error = (counts[minute] as number) - constant;
    for (let lag = 1; lag <= order; lag++)
      error -= (coefficients[lag - 1] as number) * (counts[minute - lag] as number);
    squares += error * error;
  }
  return Math.sqrt(squares / (counts.length - order));
}
