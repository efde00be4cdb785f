import { GATED } from '../../../../core/forecast/expert-pool';
import { seededRandom } from '../../../../core/random/seeded-random';
import type { TrainingSet } from '../../../../core/forecast/training/training-set';
import { hybridShape } from '../../../../core/forecast/window-input';

/** Windows of the true shape with what a seed makes of them, in which there is something to learn: the second expert is right. */
export function randomSet(windows: number, seed: number): TrainingSet {
  const random = seededRandom(seed);
  const shape = hybridShape(GATED.length);
  const some = (length: number, of = random): Float32Array => Float32Array.from({ length }, of);
  const rows = windows * shape.horizon;
  const experts = some(rows * shape.experts);
  return {
    shape,
    features: true,
    windows,
    sequence: some(windows * shape.steps * shape.inputs, () => 2 * random() - 1),
    context: some(rows * shape.context, () => 2 * random() - 1),
    experts,
    actual: Float32Array.from({ length: rows }, (_, row) => experts[row * shape.experts + 1] as number),
    weight: some(windows, () => 0.5 + random()),
  };
}
