import * as accuracy from '../accuracy';
import { Forecaster } from '../forecaster';
import { HORIZON, QUANTILES, type FunctionHistory } from '../forecast';
import type { FunctionModel } from '../function-model';
import type { NetworkModel } from '../network-model';
import { seasonalNaive } from '../simple-members';
import { spikeBarAt, spikeScores, type SpikeTally, tallyAlarms } from '../spikes';
import { countsFrom } from '../member';

/** How a model did in a time that it was not trained on. Null where a measure is not defined. */
export interface ValidationMetrics {
  /** Of ten-minute totals, those with no request left out; a fraction. */
  readonly mape10: number | null;
  /** Share of the totals that were left out. */
  readonly zeroShare: number;
  readonly wape: number | null;
  readonly mase: number | null;
  /** Of what came a day before, or an hour before where there is no day. */
  readonly seasonalMase: number | null;
  readonly rmse: number | null;
  readonly rSquared: number | null;
  /** Mean over the levels of the quantiles. */
  readonly pinball: number | null;
  /** Share of minutes within the 90 % interval. */
  readonly coverage: number | null;
  readonly spikeRecall: number | null;
  readonly falseAlarmRate: number | null;
  readonly correlation: number | null;
  /** Minutes that were forecast. */
  readonly minutes: number;
}

export interface Validation {
  readonly metrics: ValidationMetrics;
  readonly passed: boolean;
  /** One sentence. */
  readonly reason: string;
}

/** Below this many requests in ten minutes, the relative error of even a perfect forecast is above the gate's. */
const FEWEST_PER_TOTAL = 9;
const MOST_MAPE = 0.2;
const DAY = 1_440;
const HOUR = 60;

/**
 * Forecasts a time that the model was not trained on, from every tenth minute, and says whether it may be deployed: a MAPE of
 * ten-minute totals below 20 % where that is defined (at least 9 requests in ten minutes on average), else a MASE not above
 * that of seasonal naive.
 * @param from index of the first count that was not trained on; the history goes on behind it
 */
export function validate(
  model: FunctionModel | null,
  network: NetworkModel | null,
  history: FunctionHistory,
  from: number,
): Validation {
  const walk = walkThrough(new Forecaster(model, network), history, from);
  const training = countsFrom(history.counts, 0, from);
  const { mape, zeroShare } = accuracy.mape(walk.totals, walk.totalPoints);
  const spikes = spikeScores(walk.spikes);
  const losses = QUANTILES.map((level, place) =>
    accuracy.pinball(walk.actual, walk.quantiles[place] as readonly number[], level),
  );
  const [low, high] = [walk.quantiles[0], walk.quantiles[QUANTILES.indexOf(0.95)]];
  const metrics: ValidationMetrics = {
    mape10: mape,
    zeroShare,
    wape: accuracy.wape(walk.actual, walk.median),
    mase: accuracy.mase(walk.actual, walk.median, training),
    seasonalMase: accuracy.mase(walk.actual, walk.seasonal, training),
    rmse: accuracy.rmse(walk.actual, walk.mean),
    rSquared: accuracy.rSquared(walk.actual, walk.mean),
    pinball: losses.includes(null)
      ? null
      : losses.reduce<number>((sum, loss) => sum + (loss as number), 0) / losses.length,
    coverage: accuracy.coverage(walk.actual, low as readonly number[], high as readonly number[]),
    spikeRecall: spikes.recall,
    falseAlarmRate: spikes.falseAlarmRate,
    correlation: accuracy.correlation(walk.actual, walk.mean),
    minutes: walk.actual.length,
  };
  return { metrics, ...verdict(metrics, walk) };
}

interface Walk {
  readonly actual: number[];
  readonly median: number[];
  readonly mean: number[];
  readonly seasonal: number[];
  readonly quantiles: number[][];
  readonly totals: number[];
  readonly totalPoints: number[];
  readonly spikes: SpikeTally[];
}

function walkThrough(forecaster: Forecaster, history: FunctionHistory, from: number): Walk {
  const walk: Walk = {
    actual: [],
    median: [],
    mean: [],
    seasonal: [],
    quantiles: QUANTILES.map(() => []),
    totals: [],
    totalPoints: [],
    spikes: [],
  };
  const seasonal = seasonalNaive(from >= DAY ? DAY : HOUR);
  for (let origin = from; origin + HORIZON <= history.counts.length; origin += HORIZON) {
    const forecast = forecaster.forecast(history, origin);
    const actual = countsFrom(history.counts, origin, HORIZON);
    walk.actual.push(...actual);
    walk.median.push(...forecast.median);
    walk.mean.push(...forecast.mean);
    walk.seasonal.push(...seasonal.forecast(history.counts, origin, HORIZON));
    forecast.quantiles.forEach((values, place) => walk.quantiles[place]?.push(...values));
    walk.totals.push(actual.reduce((sum, count) => sum + count, 0));
    walk.totalPoints.push(forecast.total.point);
    walk.spikes.push(tallyAlarms(actual, forecast.alarms, spikeBarAt(history.counts, origin)));
  }
  return walk;
}

function verdict(metrics: ValidationMetrics, walk: Walk): { passed: boolean; reason: string } {
  const total = walk.totals.reduce((sum, each) => sum + each, 0);
  if (walk.totals.length === 0) return { passed: false, reason: 'There was no time left to validate on' };
  if (total / walk.totals.length >= FEWEST_PER_TOTAL && metrics.mape10 !== null) {
    const percent = `${(100 * metrics.mape10).toFixed(1)} %`;
    return metrics.mape10 < MOST_MAPE
      ? { passed: true, reason: `MAPE of ten-minute totals ${percent}, below 20 %` }
      : { passed: false, reason: `MAPE of ten-minute totals ${percent}, not below 20 %` };
  }
  const own = absolute(walk.actual, walk.median);
  const other = absolute(walk.actual, walk.seasonal);
  const text = `mean absolute error ${own.toPrecision(3)} requests a minute, seasonal naive ${other.toPrecision(3)}`;
  return own <= other
    ? { passed: true, reason: `Too few requests for a MAPE; ${text}` }
    : { passed: false, reason: `Too few requests for a MAPE, and worse than seasonal naive: ${text}` };
}

function absolute(actual: readonly number[], forecast: readonly number[]): number {
  return actual.reduce((sum, value, i) => sum + Math.abs(value - (forecast[i] as number)), 0) / actual.length;
}
