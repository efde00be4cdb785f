import * as accuracy from '../../core/forecast/accuracy';
import { median } from '../../core/forecast/median';
import { spikeScores, tallySpikes, type SpikeTally } from '../../core/forecast/spikes';
import { QUANTILE_LEVELS } from './bench-model';
import type { ForecastTable } from './forecast-table';
import { STEPS, type TestPart } from './test-part';

/** Measures of one model over some functions; null where one is not defined. Fractions, not percent. */
export interface Scores {
  readonly functions: number;
  /** In the whole test part. */
  readonly requests: number;
  /** Pooled over functions, one step is a minute. */
  readonly wape: number | null;
  /** Of the sums of ten minutes. */
  readonly wape10: number | null;
  /** Median over functions. */
  readonly mase: number | null;
  readonly rmse: number | null;
  readonly rSquared: number | null;
  /** Median over functions. */
  readonly rSquaredMedian: number | null;
  /** MAPE of the sums of ten minutes of functions with enough requests: mean and median over them, and how many they are. */
  readonly mape10: number | null;
  readonly mape10Median: number | null;
  readonly mape10Functions: number;
  /** Share of sums of ten minutes that this MAPE leaves out because nothing came. */
  readonly mape10ZeroShare: number;
  /** Mean over levels and minutes, in requests a minute. */
  readonly pinball: number | null;
  /** Of the interval from 0.05 to 0.95. */
  readonly coverage90: number | null;
  readonly spikeRecall: number | null;
  readonly spikePrecision: number | null;
  /** Share of all minutes. */
  readonly falseAlarms: number | null;
  /** Of the probability that anything comes in ten minutes. */
  readonly brier: number | null;
  readonly correlation: number | null;
}

/** Requests in ten minutes, on average over the test part, from which a relative error says something. */
const BUSY = 9;
/** MASE of a function that did not change on the day before is measured against this. */
const SMALLEST_SCALE = 1e-3;
/** A hit of a forecast that says nothing but yes or no. */
const [ALARM, QUIET] = [Number.MAX_VALUE, 0];

/** Measures `table` over the functions whose places in the test part are given. */
export function scoresOf(part: TestPart, table: ForecastTable, places: readonly number[]): Scores {
  const windows = part.origins.length;
  const pool = (values: Float64Array, width: number): Float64Array => pooled(values, places, width);
  const actual = pool(part.actual, windows * STEPS);
  const point = pool(table.point, windows * STEPS);
  const mean = pool(table.mean, windows * STEPS);
  const total = pool(table.total, windows);
  const sums = Float64Array.from(accuracy.totals(actual, STEPS));
  const each = places.map((place) => scoresOfOne(part, table, place));
  const busy = each.filter(({ mape10 }) => mape10 !== null);
  const spikes = spikeScores(places.flatMap((place) => spikeTallies(part, table, place)));
  return {
    functions: places.length,
    requests: sums.reduce((all, sum) => all + sum, 0),
    wape: accuracy.wape(actual, point),
    wape10: accuracy.wape(sums, total),
    mase: middle(each.map(({ mase }) => mase)),
    rmse: accuracy.rmse(actual, mean),
    rSquared: accuracy.rSquared(actual, mean),
    rSquaredMedian: middle(each.map(({ rSquared }) => rSquared)),
    mape10: average(busy.map(({ mape10 }) => mape10?.mape ?? 0)),
    mape10Median: middle(busy.map(({ mape10 }) => mape10?.mape ?? null)),
    mape10Functions: busy.length,
    mape10ZeroShare: average(busy.map(({ mape10 }) => mape10?.zeroShare ?? 0)) ?? 0,
    ...quantileScores(table, actual, pool, windows),
    spikeRecall: spikes.recall,
    spikePrecision: spikes.precision,
    falseAlarms: spikes.falseAlarmRate,
    brier: brier(sums, pool(table.any, windows)),
    correlation: accuracy.correlation(actual, mean),
  };
}

interface OneFunction {
  readonly mase: number;
  readonly rSquared: number | null;
  /** Null for a function with too few requests. */
  readonly mape10: ReturnType<typeof accuracy.mape> | null;
}

function scoresOfOne(part: TestPart, table: ForecastTable, place: number): OneFunction {
  const windows = part.origins.length;
  const of = (values: Float64Array, width: number): Float64Array => pooled(values, [place], width);
  const actual = of(part.actual, windows * STEPS);
  const sums = accuracy.totals(actual, STEPS);
  const requests = sums.reduce((all, sum) => all + sum, 0);
  return {
    mase: meanError(actual, of(table.point, windows * STEPS)) / Math.max(SMALLEST_SCALE, part.scales[place] as number),
    rSquared: accuracy.rSquared(actual, of(table.mean, windows * STEPS)),
    mape10: requests / windows >= BUSY ? accuracy.mape(sums, of(table.total, windows)) : null,
  };
}

function spikeTallies(part: TestPart, table: ForecastTable, place: number): SpikeTally[] {
  const windows = part.origins.length;
  return part.origins.map((_, at) => {
    const window = place * windows + at;
    const [from, to] = [window * STEPS, (window + 1) * STEPS];
    const alarms = Array.from(table.alarms.subarray(from, to), (alarm) => (alarm === 1 ? ALARM : QUIET));
    return tallySpikes(part.actual.subarray(from, to), alarms, part.bars[window] as number);
  });
}

function quantileScores(
  table: ForecastTable,
  actual: Float64Array,
  pool: (values: Float64Array, width: number) => Float64Array,
  windows: number,
): Pick<Scores, 'pinball' | 'coverage90'> {
  if (!table.quantiles) return { pinball: null, coverage90: null };
  const quantiles = table.quantiles.map((values) => pool(values, windows * STEPS));
  const at = (level: (typeof QUANTILE_LEVELS)[number]): Float64Array =>
    quantiles[QUANTILE_LEVELS.indexOf(level)] as Float64Array;
  return {
    pinball: average(quantiles.map((values, i) => accuracy.pinball(actual, values, QUANTILE_LEVELS[i] as number) ?? 0)),
    coverage90: accuracy.coverage(actual, at(0.05), at(0.95)),
  };
}

/** The blocks of some functions, one after the other. */
function pooled(values: Float64Array, places: readonly number[], width: number): Float64Array {
  const [only] = places;
  if (places.length === 1 && only !== undefined) return values.subarray(only * width, (only + 1) * width);
  const pool = new Float64Array(places.length * width);
  places.forEach((place, index) => pool.set(values.subarray(place * width, (place + 1) * width), index * width));
  return pool;
}

function meanError(actual: Float64Array, forecast: Float64Array): number {
  return actual.reduce((sum, value, i) => sum + Math.abs(value - (forecast[i] as number)), 0) / actual.length;
}

function brier(sums: Float64Array, any: Float64Array): number | null {
  if (sums.length === 0) return null;
  return sums.reduce((loss, sum, i) => loss + ((any[i] as number) - (sum > 0 ? 1 : 0)) ** 2, 0) / sums.length;
}

function average(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function middle(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
