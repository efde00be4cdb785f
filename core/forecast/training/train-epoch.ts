import { Adam, type AdamState } from '../lstm/adam';
import { beginHybrid, type HybridShape } from '../lstm/hybrid-network';
import { emptyInput } from '../window-input';
import { HORIZON } from '../forecast';
import { seededRandom } from '../../random/seeded-random';
import { OWN_ENGINE, type TrainingBatch } from './training-engine';
import type { TrainingSet } from './training-set';

/** Where a training stands between two passes over the windows. */
export interface TrainingState {
  readonly shape: HybridShape;
  readonly parameters: Float64Array;
  readonly adam: AdamState;
  readonly epochs: number;
  readonly seed: number;
  /** Mean weighted squared error of the last pass; null before the first. */
  readonly loss: number | null;
}

/** Passes over the windows: the error on later days stopped falling there. */
export const EPOCHS = 6;
/** Windows of one step. */
const BATCH = 64;
const FIRST_RATE = 3e-3;
/** Passes after which the rate of learning is half. */
const RATE_HALF_LIFE = 2;

/** A network that has learned nothing. @param seed whole number; equal seeds and windows give equal networks */
export function startTraining(shape: HybridShape, seed: number): TrainingState {
  const parameters = beginHybrid(shape, seededRandom(seed));
  return { shape, parameters, adam: new Adam(parameters.length).state(), epochs: 0, seed, loss: null };
}

/** One pass over all windows in an order of its own. The state before is not changed. */
export function trainEpoch(before: TrainingState, set: TrainingSet, engine = OWN_ENGINE): TrainingState {
  const parameters = before.parameters.slice();
  const adam = Adam.from(before.adam);
  const gradient = new Float64Array(parameters.length);
  const order = shuffled(set.windows, seededRandom(before.seed + 7_919 * (before.epochs + 1)));
  const rate = FIRST_RATE * 0.5 ** (before.epochs / RATE_HALF_LIFE);
  const size = Math.min(BATCH, Math.max(1, set.windows));
  const pass = engine.batchPass(before.shape, size);
  const batch = emptyBatch(before.shape, size);
  let loss = 0;
  let batches = 0;
  // A rest smaller than a batch waits for another pass, in which others are left over.
  for (let from = 0; from + size <= order.length; from += size) {
    load(set, order.subarray(from, from + size), batch);
    gradient.fill(0);
    loss += pass.learn(parameters, batch, gradient);
    adam.step(parameters, gradient, rate);
    batches++;
  }
  return {
    ...before,
    parameters,
    adam: adam.state(),
    epochs: before.epochs + 1,
    loss: batches > 0 ? loss / batches : null,
  };
}

function emptyBatch(shape: HybridShape, size: number): TrainingBatch {
  const actual = new Float64Array(size * shape.horizon);
  return { input: emptyInput(shape, size), actual, weight: new Float64Array(size) };
}

/** Copies the chosen windows into the arrays of a batch; the sequence's layout has the steps outermost. */
function load(set: TrainingSet, chosen: Uint32Array, { input, actual, weight }: TrainingBatch): void {
  const { steps, inputs, context, experts } = set.shape;
  const batch = chosen.length;
  for (let place = 0; place < batch; place++) {
    const window = chosen[place] as number;
    for (let step = 0; step < steps; step++) {
      const from = (window * steps + step) * inputs;
      input.sequence.set(set.sequence.subarray(from, from + inputs), (step * batch + place) * inputs);
    }
    copyRows(set.context, window, input.context, place, HORIZON * context);
    copyRows(set.experts, window, input.experts, place, HORIZON * experts);
    copyRows(set.actual, window, actual, place, HORIZON);
    weight[place] = set.weight[window] as number;
  }
}

function copyRows(from: Float32Array, window: number, to: Float64Array, place: number, length: number): void {
  to.set(from.subarray(window * length, (window + 1) * length), place * length);
}

/** Whole numbers below `count` in random order (Fisher & Yates). */
function shuffled(count: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    const kept = order[i] as number;
    order[i] = order[other] as number;
    order[other] = kept;
  }
  return order;
}
