import type { Tensor } from '@tensorflow/tfjs-core';
import { gateLayers, LEEWAY } from '../../core/forecast/lstm/gate';
import { gateShape, lstmShape, type HybridInput, type HybridShape } from '../../core/forecast/lstm/hybrid-network';
import { parameterPlaces } from '../../core/forecast/lstm/shape';
import type { Tensorflow } from './load-tensorflow';

/** Where one tensor of parameters lies in the array of all. */
interface TensorPlace {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

/** The network of `HybridNetwork` in operations of TensorFlow.js, which finds the slopes by itself. */
export class TensorNetwork {
  readonly places: readonly TensorPlace[];

  constructor(
    private readonly tf: Tensorflow,
    readonly shape: HybridShape,
    readonly batch: number,
  ) {
    const { inputs, hidden, outputs } = lstmShape(shape);
    const lstm = parameterPlaces(lstmShape(shape));
    this.places = [
      { at: lstm.fromInput, rows: inputs, columns: 4 * hidden },
      { at: lstm.fromHidden, rows: hidden, columns: 4 * hidden },
      { at: lstm.gateBias, rows: 1, columns: 4 * hidden },
      { at: lstm.toOutput, rows: hidden, columns: outputs },
      { at: lstm.outputBias, rows: 1, columns: outputs },
      ...gateLayers(gateShape(shape), lstm.size).flatMap((layer) => [
        { at: layer.weights, rows: layer.inputs, columns: layer.outputs },
        { at: layer.bias, rows: 1, columns: layer.outputs },
      ]),
    ];
  }

  /** The parameters as tensors, in the order of `places`. */
  tensorsOf(parameters: Float64Array): Tensor[] {
    return this.places.map(({ at, rows, columns }) =>
      this.tf.tensor2d(Float32Array.from(parameters.subarray(at, at + rows * columns)), [rows, columns]),
    );
  }

  /** @returns batch × horizon */
  forward(tensors: readonly Tensor[], { sequence, context, experts }: HybridInput): Tensor {
    const { tf, batch } = this;
    const { steps, inputs, horizon, summary, context: width, experts: count } = this.shape;
    const at = (place: number) => tensors[place] as Tensor;
    const layer = (input: Tensor, place: number): Tensor => tf.add(tf.matMul(input, at(place)), at(place + 1));
    const seen = tf.tensor2d(Float32Array.from(sequence), [steps * batch, inputs]);
    const summaries = layer(this.#lastHidden(tf.add(tf.matMul(seen, at(0)), at(2)), at(1)), 3);
    const repeated = tf.tile(tf.reshape(summaries, [batch, 1, summary]), [1, horizon, 1]);
    const own = tf.tensor2d(Float32Array.from(context), [batch * horizon, width]);
    const rows = tf.concat([tf.reshape(repeated, [batch * horizon, summary]), own], 1);
    const said = layer(tf.tanh(layer(tf.tanh(layer(rows, 5)), 7)), 9);
    const shares = tf.softmax(tf.slice(said, [0, 0], [-1, count]));
    const tangent = tf.tanh(tf.slice(said, [0, count], [-1, 1]));
    const among = tf.tensor2d(Float32Array.from(experts), [batch * horizon, count]);
    const chosen = tf.sum(tf.mul(shares, among), 1, true);
    return tf.reshape(tf.mul(chosen, tf.exp(tf.mul(tangent, LEEWAY))), [batch, horizon]);
  }

  /** Long short-term memory over the steps. @param fromInput steps × batch rows of what the gates get from the sequence */
  #lastHidden(fromInput: Tensor, fromHidden: Tensor): Tensor {
    const { tf, batch } = this;
    const { steps, hidden: width } = this.shape;
    let hidden: Tensor = tf.zeros([batch, width]);
    let cell: Tensor = tf.zeros([batch, width]);
    for (let step = 0; step < steps; step++) {
      const ofStep = tf.slice(fromInput, [step * batch, 0], [batch, -1]);
      const before = tf.add(ofStep, tf.matMul(hidden, fromHidden));
      const gate = (place: number): Tensor => tf.slice(before, [0, place * width], [-1, width]);
      cell = tf.add(tf.mul(tf.sigmoid(gate(1)), cell), tf.mul(tf.sigmoid(gate(0)), tf.tanh(gate(2))));
      hidden = tf.mul(tf.sigmoid(gate(3)), tf.tanh(cell));
    }
    return hidden;
  }
}
