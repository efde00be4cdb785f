import { forecastAr, oneStepError, type ArModel } from './ar-model';
import type { Counts } from './member';
import { solvePositive } from './solve-positive';

/** How many past minutes, and whether the counts (0) or their differences (1) are what goes on. */
export interface ArOrder {
  readonly p: number;
  readonly d: 0 | 1;
}

/** Orders that are tried. Without differences fits lose on real traffic, whose level moves (docs/adr/0017). */
const ORDERS: readonly ArOrder[] = [
  { p: 5, d: 1 },
  { p: 15, d: 1 },
  { p: 60, d: 1 },
];
/** The last minutes of the training, on which the order is chosen, and the forecasts made there. */
const CHOICE = 360;
const HORIZON = 10;
/** Minutes in the training for each coefficient at least. */
const MINUTES_PER_TERM = 10;
const FEWEST = 11;
/** Pulls coefficients to 0 by this share of the mean diagonal: gappy series leave them undetermined. */
const RIDGE = 1e-3;

/**
 * An autoregression by least squares, or null where there is nothing to learn: too few minutes for the order, the same count
 * in each, or values that are no counts. Takes time in proportion to minutes × p.
 */
export function fitAr(counts: Counts, { p, d }: ArOrder): ArModel | null {
  const largest = largestCount(counts);
  if (largest === null || counts.length < Math.max(FEWEST, MINUTES_PER_TERM * p + d)) return null;
  // Scaled, so that squares of large counts lose no digits and the ridge means the same for all.
  const mean = d === 0 ? meanOf(counts) : 0;
  const series = Float64Array.from({ length: counts.length - d }, (_, i) =>
    d === 0 ? ((counts[i] as number) - mean) / largest : ((counts[i + 1] as number) - (counts[i] as number)) / largest,
  );
  const { matrix, right } = normalEquations(series, p);
  const solved = solvePositive(matrix, right);
  if (!solved) return null;
  const coefficients = d === 0 ? [...solved] : integrated(solved);
  const constant = d === 0 ? mean * (1 - solved.reduce((sum, each) => sum + each, 0)) : 0;
  return { p, d, coefficients, constant, largest, sigma: oneStepError({ coefficients, constant }, counts) };
}

/**
 * The autoregression whose order would have been nearest (mean absolute error of ten minutes) in the last six hours, fitted to all. Null as
 * for `fitAr`; for a series too short to choose on, the smallest order.
 */
export function fitBestAr(counts: Counts): ArModel | null {
  const all = Float64Array.from(counts);
  const known = Math.max(0, all.length - CHOICE);
  let best = ORDERS[0] as ArOrder;
  let least = Number.POSITIVE_INFINITY;
  for (const order of ORDERS) {
    const model = fitAr(all.subarray(0, known), order);
    if (!model) continue;
    const error = errorOf(model, all, known);
    if (error < least) [least, best] = [error, order];
  }
  return fitAr(all, best);
}

/** The largest count; null where there is none above 0, all are equal, or one is not finite or negative. */
export function largestCount(counts: Counts): number | null {
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) return null;
    largest = Math.max(largest, count);
    smallest = Math.min(smallest, count);
  }
  return largest > smallest ? largest : null;
}

/** Lag products by the window they share: each diagonal follows from its first element, as only the ends of the sums differ. */
function normalEquations(series: Float64Array, p: number): { matrix: Float64Array; right: Float64Array } {
  const at = (index: number): number => series[index] as number;
  const matrix = new Float64Array(p * p);
  const right = new Float64Array(p);
  for (let lag = 0; lag < p; lag++) {
    for (let t = p; t < series.length; t++) {
      right[lag] = (right[lag] as number) + at(t - 1 - lag) * at(t);
      matrix[lag] = (matrix[lag] as number) + at(t - 1) * at(t - 1 - lag);
    }
  }
  let trace = 0;
  for (let row = 0; row < p; row++) {
    for (let column = Math.max(1, row); column < p && row > 0; column++) {
      const before = matrix[(row - 1) * p + column - 1] as number;
      const [first, last] = [p - 1, series.length - 1];
      matrix[row * p + column] = before + at(first - row) * at(first - column) - at(last - row) * at(last - column);
    }
    trace += matrix[row * p + row] as number;
  }
  for (let row = 0; row < p; row++) {
    matrix[row * p + row] = (matrix[row * p + row] as number) + (RIDGE * trace) / p + Number.EPSILON;
    for (let column = 0; column < row; column++) matrix[row * p + column] = matrix[column * p + row] as number;
  }
  return { matrix, right };
}

/** Coefficients of counts from those of their differences. */
function integrated(differences: Float64Array): number[] {
  const coefficients = new Array<number>(differences.length + 1).fill(0);
  coefficients[0] = 1;
  differences.forEach((coefficient, lag) => {
    coefficients[lag] = (coefficients[lag] as number) + coefficient;
    coefficients[lag + 1] = (coefficients[lag + 1] as number) - coefficient;
  });
  return coefficients;
}

function errorOf(model: ArModel, counts: Counts, from: number): number {
  let error = 0;
  for (let origin = from; origin + HORIZON <= counts.length; origin += HORIZON) {
    const forecast = forecastAr(model, counts, origin, HORIZON);
    for (let step = 0; step < HORIZON; step++)
      error += Math.abs((forecast[step] as number) - (counts[origin + step] as number));
  }
  return error;
}

function meanOf(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i] as number;
  return sum / counts.length;
}
