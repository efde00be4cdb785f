import { addRow, dot } from './rows';

/** Places of a layer in the array of all parameters: inputs × outputs weights at `weights`, then one bias for each output. */
export class DenseLayer {
  readonly weights: number;
  readonly bias: number;
  /** The first place behind the layer. */
  readonly end: number;

  constructor(
    at: number,
    readonly inputs: number,
    readonly outputs: number,
  ) {
    this.weights = at;
    this.bias = at + inputs * outputs;
    this.end = this.bias + outputs;
  }

  /** Uniform by the size of the layer (Glorot & Bengio, 2010), no bias. @param random numbers in [0, 1) */
  begin(parameters: Float64Array, random: () => number): void {
    const limit = Math.sqrt(6 / (this.inputs + this.outputs));
    for (let i = this.weights; i < this.bias; i++) parameters[i] = (2 * random() - 1) * limit;
    parameters.fill(0, this.bias, this.end);
  }

  /** Writes one row of outputs. */
  forward(
    parameters: Float64Array,
    input: Float64Array,
    inputAt: number,
    output: Float64Array,
    outputAt: number,
  ): void {
    for (let o = 0; o < this.outputs; o++) output[outputAt + o] = parameters[this.bias + o] as number;
    for (let i = 0; i < this.inputs; i++) {
      const from = this.weights + i * this.outputs;
      addRow(output, outputAt, parameters, from, this.outputs, input[inputAt + i] as number);
    }
  }

  /** Adds to the gradient what the slopes by one row of outputs make of it, and writes the slopes by its inputs. */
  backward(
    parameters: Float64Array,
    input: Float64Array,
    inputAt: number,
    slope: Float64Array,
    slopeAt: number,
    gradient: Float64Array,
    inputSlope: Float64Array,
    inputSlopeAt: number,
  ): void {
    addRow(gradient, this.bias, slope, slopeAt, this.outputs, 1);
    for (let i = 0; i < this.inputs; i++) {
      const from = this.weights + i * this.outputs;
      addRow(gradient, from, slope, slopeAt, this.outputs, input[inputAt + i] as number);
      inputSlope[inputSlopeAt + i] = dot(parameters, from, slope, slopeAt, this.outputs);
    }
  }
}
