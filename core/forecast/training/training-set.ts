import type { ArModel } from '../ar-model';
import { expertPool, GATED } from '../expert-pool';
import { HORIZON, type FunctionHistory } from '../forecast';
import type { HybridInput, HybridShape } from '../lstm/hybrid-network';
import { placesOf } from '../network-reader';
import { Pool } from '../pool-view';
import { emptyInput, hybridShape, writeWindow } from '../window-input';
import { countsFrom } from '../member';

/** One function that the network is to learn from. */
export interface TrainingFunction {
  readonly history: FunctionHistory;
  readonly arima: ArModel | null;
  /** Index of the first count that is kept for validation and not trained on. */
  readonly until: number;
}

/** Windows as the network sees them, ready to be drawn in any order. 32-bit floats: there are many. */
export interface TrainingSet {
  readonly shape: HybridShape;
  readonly features: boolean;
  readonly windows: number;
  readonly sequence: Float32Array;
  readonly context: Float32Array;
  readonly experts: Float32Array;
  /** What came, in units of each window's scale. */
  readonly actual: Float32Array;
  /** How much each window counts. */
  readonly weight: Float32Array;
}

export interface TrainingSetOptions {
  readonly features?: boolean;
  /** Windows at most: beyond, each function gives its share, spread over its time, so that training takes no longer. */
  readonly most?: number;
}

/** About 100 MB, and some seconds of a core for each pass. */
const MOST_WINDOWS = 40_000;
/** Windows that are looked at for each that is kept, at most: with more functions only some of them are learned from. */
const MOST_LOOKED_AT = 4;
/** Minutes before the first window of a function: an hour shows what kind it is. */
const LEAD = 60;
/** Squared errors of functions busier than this many requests a minute count no more than theirs, or a few would be all. */
const BUSY = 1.7;

/**
 * Walks through each function's past as a forecaster would have, and keeps what it saw and what came. Time and memory are
 * bounded by `most`: below it they grow in proportion to functions × minutes, beyond they do not grow.
 */
export function trainingSet(
  functions: readonly TrainingFunction[],
  { features = true, most = MOST_WINDOWS }: TrainingSetOptions = {},
): TrainingSet {
  const shape = hybridShape(GATED.length);
  const chosen = spreadOver(functions, most);
  const all = chosen.reduce((sum, each) => sum + windowsOf(each), 0);
  const windows = Math.min(all, most);
  const set = {
    shape,
    features,
    sequence: new Float32Array(windows * shape.steps * shape.inputs),
    context: new Float32Array(windows * HORIZON * shape.context),
    experts: new Float32Array(windows * HORIZON * shape.experts),
    actual: new Float32Array(windows * HORIZON),
    weight: new Float32Array(windows),
  };
  let seen = 0;
  let kept = 0;
  const one = emptyInput(shape, 1);
  for (const { history, arima, until } of chosen) {
    const members = expertPool(arima);
    const pool = new Pool(members);
    const gated = placesOf(GATED, members);
    for (let origin = LEAD; origin + HORIZON <= until; origin += HORIZON) {
      const view = pool.view(history.counts, origin);
      const actual = countsFrom(history.counts, origin, HORIZON);
      // Evenly spread: a window is kept where the share of windows seen passes the next of those to keep.
      if (Math.floor((++seen * windows) / all) > kept) {
        const scale = writeWindow({ history, origin, view, gated, arima, features }, shape, one, 1, 0);
        keep(set, kept++, one, actual, scale);
      }
      pool.learn(actual, view);
    }
  }
  return { ...set, windows: kept };
}

/** Functions evenly from the list, as many as may be looked at. */
function spreadOver(functions: readonly TrainingFunction[], most: number): readonly TrainingFunction[] {
  const all = functions.reduce((sum, each) => sum + windowsOf(each), 0);
  const stride = Math.max(1, Math.ceil(all / (MOST_LOOKED_AT * Math.max(1, most))));
  return functions.filter((_, index) => index % stride === 0);
}

function windowsOf({ until }: TrainingFunction): number {
  return Math.max(0, Math.floor((until - LEAD) / HORIZON));
}

function keep(
  set: Omit<TrainingSet, 'windows'>,
  place: number,
  one: HybridInput,
  actual: Float64Array,
  scale: number,
): void {
  set.sequence.set(one.sequence, place * one.sequence.length);
  set.context.set(one.context, place * one.context.length);
  set.experts.set(one.experts, place * one.experts.length);
  set.actual.set(
    actual.map((value) => value / scale),
    place * HORIZON,
  );
  set.weight[place] = Math.min(scale, BUSY) ** 2;
}
