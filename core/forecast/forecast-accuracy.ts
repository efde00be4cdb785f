import { correlation, coverage, mape, mase, pinball, rmse, rSquared, wape } from './accuracy';
import { QUANTILES } from './forecast';
import { spikeBarAt, spikeScores, tallyAlarms, type SpikeTally } from './spikes';

/** A forecast that was made, and stored. */
interface MadeForecast {
  /** Its first minute, since 1970. */
  readonly at: number;
  readonly mean: ArrayLike<number>;
  readonly median: ArrayLike<number>;
  /** The minutes of each of `QUANTILES`, one quantile after the other. */
  readonly quantiles: ArrayLike<number>;
  /** Of all minutes together: the mean, then the best single guess. */
  readonly total: ArrayLike<number>;
  readonly alarms: readonly boolean[];
}

/**
 * How far forecasts were from what came, each number by what it is the best for: the median by absolute errors (WAPE, MASE),
 * the mean by squared ones, the total's guess by relative ones. Null where a measure is not defined. Shares, not percent.
 */
export interface ForecastAccuracy {
  /** Forecasts whose minutes have all come; the measures are of these. */
  readonly forecasts: number;
  /** From the first of these forecasts on. */
  readonly requests: number;
  readonly wape: number | null;
  readonly mase: number | null;
  readonly rmse: number | null;
  readonly rSquared: number | null;
  readonly correlation: number | null;
  /** Of the sums of each forecast's minutes, those without requests left out. */
  readonly mape10: number | null;
  readonly zeroShare: number;
  readonly wape10: number | null;
  /** Mean loss of each quantile. */
  readonly pinball: Readonly<Record<string, number | null>>;
  /** Share of minutes within the interval from the 0.05 to the 0.95 quantile. */
  readonly coverage90: number | null;
  readonly spikeRecall: number | null;
  readonly spikePrecision: number | null;
  readonly falseAlarmRate: number | null;
  /** WAPE of the same minutes had each been as an hour before, or as the day before. */
  readonly hourAgoWape: number | null;
  readonly dayAgoWape: number | null;
}

const HOUR = 60;
const DAY = 1_440;

/**
 * @param counts requests of each minute from `firstMinute` on (since 1970): a day more than the first forecast, or the day-ago
 *   anchor is null; what lies behind the last count has not come yet
 */
export function forecastAccuracy(
  made: readonly MadeForecast[],
  counts: Float64Array,
  firstMinute: number,
): ForecastAccuracy {
  const end = firstMinute + counts.length;
  const known = made.filter(({ at, mean }) => at >= firstMinute && at + mean.length <= end);
  const actual: number[] = [];
  const [means, medians]: [number[], number[]] = [[], []];
  const quantiles = QUANTILES.map((): number[] => []);
  const [hourAgo, dayAgo]: [number[], number[]] = [[], []];
  const [sums, sumsForecast]: [number[], number[]] = [[], []];
  const tallies: SpikeTally[] = [];
  for (const forecast of known) {
    const origin = forecast.at - firstMinute;
    const came = counts.subarray(origin, origin + forecast.mean.length);
    for (let step = 0; step < came.length; step++) {
      actual.push(came[step] as number);
      means.push(forecast.mean[step] as number);
      medians.push(forecast.median[step] as number);
      quantiles.forEach((series, q) => series.push(forecast.quantiles[q * came.length + step] as number));
      hourAgo.push(counts[origin + step - HOUR] ?? Number.NaN);
      dayAgo.push(counts[origin + step - DAY] ?? Number.NaN);
    }
    sums.push(came.reduce((sum, count) => sum + count, 0));
    sumsForecast.push(forecast.total[1] as number);
    const bar = spikeBarAt(counts, origin);
    tallies.push(tallyAlarms(came, forecast.alarms, bar));
  }
  const spikes = spikeScores(tallies);
  const totals = mape(sums, sumsForecast);
  const at = (q: (typeof QUANTILES)[number]): number[] => quantiles[QUANTILES.indexOf(q)] ?? [];
  const anchor = (series: readonly number[]): number | null =>
    series.some(Number.isNaN) ? null : wape(actual, series);
  return {
    forecasts: known.length,
    requests: counts.subarray((known[0]?.at ?? end) - firstMinute).reduce((sum, count) => sum + count, 0),
    wape: wape(actual, medians),
    mase: mase(actual, medians, counts),
    rmse: rmse(actual, means),
    rSquared: rSquared(actual, means),
    correlation: correlation(actual, means),
    mape10: totals.mape,
    zeroShare: totals.zeroShare,
    wape10: wape(sums, sumsForecast),
    pinball: Object.fromEntries(QUANTILES.map((q, i) => [String(q), pinball(actual, quantiles[i] ?? [], q)])),
    coverage90: coverage(actual, at(0.05), at(0.95)),
    spikeRecall: spikes.recall,
    spikePrecision: spikes.precision,
    falseAlarmRate: spikes.falseAlarmRate,
    hourAgoWape: anchor(hourAgo),
    dayAgoWape: anchor(dayAgo),
  };
}
