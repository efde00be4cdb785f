import { UNCALIBRATED } from '../../core/forecast/calibration';
import { GATED } from '../../core/forecast/expert-pool';
import { fitBestAr } from '../../core/forecast/fit-ar';
import type { FunctionHistory } from '../../core/forecast/forecast';
import type { FunctionModel } from '../../core/forecast/function-model';
import { partsOf } from '../../core/forecast/holdout';
import type { NetworkModel } from '../../core/forecast/network-model';
import { calibrate } from '../../core/forecast/training/calibrate';
import { fitFunction } from '../../core/forecast/training/fit-function';
import { EPOCHS, startTraining, trainEpoch } from '../../core/forecast/training/train-epoch';
import { trainingSet } from '../../core/forecast/training/training-set';
import type { Training } from './bench-model';
import type { TracedFunction } from '../traces/trace-set';

/** The hybrid, or the hybrid without one of its parts. */
export interface HybridParts {
  readonly arima: boolean;
  readonly network: boolean;
  readonly features: boolean;
}

/** What a training gave: one model for each function, in their order, and the network for all. */
export interface TrainedHybrid {
  readonly models: readonly FunctionModel[];
  readonly network: NetworkModel | null;
}

/** Two days, as the platform takes. */
const ARIMA_MINUTES = 2_880;
const SEED = 1;

/** Trains as the platform does, on what lies before the test part. */
export function trainHybrid({ functions }: Training, parts: HybridParts): TrainedHybrid {
  const prepared = functions.map((item) => prepare(item, parts));
  if (!parts.network) return { models: prepared.map(({ model }) => model), network: null };
  const set = trainingSet(
    prepared.map(({ history, model, until }) => ({ history, arima: model.arima, until })),
    { features: parts.features },
  );
  let state = startTraining(set.shape, SEED);
  for (let epoch = 0; epoch < EPOCHS; epoch++) state = trainEpoch(state, set);
  const { shape, parameters, epochs } = state;
  const raw = { shape, gated: GATED, features: parts.features, parameters, calibration: UNCALIBRATED, epochs };
  const calibration = calibrate(
    prepared.map(({ history, model, until }) => ({ history, model, from: until })),
    raw,
  );
  return { models: prepared.map(({ model }) => model), network: { ...raw, calibration } };
}

/** A trace as the forecaster takes it. @param counts what is known of it */
export function historyOf({ firstMinute }: TracedFunction, counts: ArrayLike<number>): FunctionHistory {
  return { counts, firstMinute };
}

function prepare(item: TracedFunction, parts: HybridParts) {
  const { counts } = item;
  const history = historyOf(item, counts);
  // Nothing is judged here: what the platform holds out for that is for calibration.
  const until = partsOf(counts.length).calibrated;
  const candidates = parts.arima ? [fitBestAr(counts.slice(-ARIMA_MINUTES))] : [];
  return { history, until, model: fitFunction(history, until, candidates, null) };
}
