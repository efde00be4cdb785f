import { HybridNetwork, type HybridInput, type HybridShape } from '../lstm/hybrid-network';

/** Windows of one step of the training. */
export interface TrainingBatch {
  readonly input: HybridInput;
  /** What came: batch × horizon, in units of each window's scale. */
  readonly actual: Float64Array;
  /** How much each window counts. */
  readonly weight: Float64Array;
}

/** Takes batches of one size through a network of one shape. */
export interface BatchPass {
  /** What the network says of a batch: batch × horizon. */
  forward(parameters: Float64Array, input: HybridInput): Float64Array;
  /**
   * Adds to `gradient` the slopes of the loss, which is the mean of weighted squared errors. @returns the loss
   * @param parameters in the layout of `HybridNetwork`; not changed
   */
  learn(parameters: Float64Array, batch: TrainingBatch, gradient: Float64Array): number;
}

/** What computes the passes of a training. All engines train the same network: a training may go on with another one. */
export interface TrainingEngine {
  readonly name: EngineName;
  batchPass(shape: HybridShape, batch: number): BatchPass;
}

export const ENGINE_NAMES = ['own', 'tfjs'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Our own network, on one core. Equal batches give equal bytes on every machine. */
export const OWN_ENGINE: TrainingEngine = {
  name: 'own',
  batchPass(shape, batch) {
    const network = new HybridNetwork(shape, batch);
    const rows = batch * shape.horizon;
    const slope = new Float64Array(rows);
    return {
      forward: (parameters, input) => network.forward(parameters, input).slice(),
      learn(parameters, { input, actual, weight }, gradient) {
        const output = network.forward(parameters, input);
        let loss = 0;
        for (let row = 0; row < rows; row++) {
          const share = (weight[Math.floor(row / shape.horizon)] as number) / rows;
          const error = (output[row] as number) - (actual[row] as number);
          loss += share * error * error;
          slope[row] = 2 * share * error;
        }
        network.backward(input, slope, gradient);
        return loss;
      },
    };
  },
};
