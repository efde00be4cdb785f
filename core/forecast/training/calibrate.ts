import { CalibrationTally, TRIED_LEVELS, type Calibration } from '../calibration';
import { Forecaster } from '../forecaster';
import { HORIZON, type FunctionHistory } from '../forecast';
import type { FunctionModel } from '../function-model';
import type { NetworkModel } from '../network-model';
import { isNear, spikeBarAt } from '../spikes';
import { countsFrom } from '../member';

/** One function with a past that nothing was trained on. */
export interface CalibrationFunction {
  readonly history: FunctionHistory;
  readonly model: FunctionModel | null;
  /** Indexes of the counts that are forecast for the calibration: from here to the end. */
  readonly from: number;
}

/** Functions that are enough to learn from; of more, evenly some. */
const MOST_FUNCTIONS = 100;
/** Minutes at the start of the time in which a forecaster learns whom to believe and nothing is counted. */
const SETTLE = 120;

/** How far the spread of forecasts can be believed, learned from a time that nothing was trained on. */
export function calibrate(functions: readonly CalibrationFunction[], network: NetworkModel): Calibration {
  const tally = new CalibrationTally();
  const stride = Math.max(1, Math.ceil(functions.length / MOST_FUNCTIONS));
  for (const { history, model, from } of functions.filter((_, index) => index % stride === 0)) {
    const forecaster = new Forecaster(model, network);
    const end = history.counts.length;
    forecaster.learn(history, from);
    const count = end - from > 2 * SETTLE ? from + SETTLE : from;
    for (let origin = from; origin + HORIZON <= end; origin += HORIZON) {
      if (origin >= count) tallyOne(tally, forecaster, history, origin);
      forecaster.learn(history, origin + HORIZON);
    }
  }
  return tally.calibration();
}

function tallyOne(tally: CalibrationTally, forecaster: Forecaster, history: FunctionHistory, origin: number): void {
  const look = forecaster.look(history, origin);
  const quantiles = forecaster.spread(look, () => TRIED_LEVELS);
  const actual = countsFrom(history.counts, origin, HORIZON);
  const bar = spikeBarAt(history.counts, origin);
  const shares = forecaster.spikeShare(look, bar);
  for (let step = 0; step < HORIZON; step++) {
    const atStep = quantiles.map((level) => level[step] as number);
    tally.minute(actual[step] as number, look.point[step] as number, atStep);
    tally.spike(shares[step] as number, isNear(actual, step, bar));
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  tally.total(sum(actual), sum(look.point), forecaster.totalSpread(look, TRIED_LEVELS));
}
