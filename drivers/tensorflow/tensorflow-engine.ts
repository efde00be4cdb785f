import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { TrainingEngine } from '../../core/forecast/training/training-engine';
import type { Tensorflow } from './load-tensorflow';
import { TensorNetwork } from './tensor-network';

/** Passes computed by TensorFlow.js, in 32-bit floats; the steps along their slopes are taken by our own optimizer. */
export function tensorflowEngine(tf: Tensorflow): TrainingEngine {
  const valuesOf = (compute: () => Tensor[]): Float64Array[] => {
    const tensors = tf.tidy(compute);
    const values = tensors.map((tensor) => Float64Array.from(tensor.dataSync()));
    tf.dispose(tensors);
    return values;
  };
  return {
    name: 'tfjs',
    batchPass(shape, batch) {
      const network = new TensorNetwork(tf, shape, batch);
      return {
        forward: (parameters, input) =>
          valuesOf(() => [network.forward(network.tensorsOf(parameters), input)])[0] as Float64Array,
        learn: (parameters, { input, actual, weight }, gradient) => {
          const [loss, ...slopes] = valuesOf(() => {
            const came = tf.tensor2d(Float32Array.from(actual), [batch, shape.horizon]);
            const weights = tf.tensor2d(Float32Array.from(weight), [batch, 1]);
            const error = (...tensors: Tensor[]): Tensor => tf.sub(network.forward(tensors, input), came);
            const mean = (...tensors: Tensor[]): Scalar => tf.mean(tf.mul(weights, tf.square(error(...tensors))));
            const { value, grads } = tf.valueAndGrads(mean)(network.tensorsOf(parameters));
            return [value, ...grads];
          });
          network.places.forEach(({ at }, place) => {
            slopes[place]?.forEach((slope, i) => (gradient[at + i] = (gradient[at + i] as number) + slope));
          });
          return loss?.[0] as number;
        },
      };
    },
  };
}
