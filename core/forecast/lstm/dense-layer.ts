import { plain, turned, writeTransposed, type Matrices, type Rows } from './matrices';

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

  /** Writes rows of outputs. @param input rows × inputs */
  forward(
    matrices: Matrices<string>,
    parameters: Float64Array,
    input: Float64Array,
    output: Float64Array,
    rows: number,
  ): void {
    const { inputs, outputs, bias, weights } = this;
    const to = { array: output, at: 0 };
    output.fill(0, 0, rows * outputs);
    matrices.addRow(to, { array: parameters, at: bias }, rows, outputs);
    matrices.addProduct(to, plain(input, 0, inputs), { array: parameters, at: weights }, rows, inputs, outputs);
  }

  /** Adds to the gradient what the slopes by the outputs make of it. @param slope rows × outputs */
  addGradient(
    matrices: Matrices<string>,
    input: Float64Array,
    slope: Float64Array,
    gradient: Float64Array,
    rows: number,
  ): void {
    const { inputs, outputs, bias, weights } = this;
    const from = { array: slope, at: 0 };
    matrices.addSum({ array: gradient, at: bias }, from, rows, outputs);
    matrices.addProduct({ array: gradient, at: weights }, turned(input, 0, inputs), from, inputs, rows, outputs);
  }

  /**
   * Writes the slopes by the first `inputs` inputs: rows × inputs.
   * @param transposed room for inputs × outputs numbers
   */
  backward(
    matrices: Matrices<string>,
    parameters: Float64Array,
    slope: Float64Array,
    inputSlope: Float64Array,
    rows: number,
    transposed: Float64Array,
    inputs = this.inputs,
  ): void {
    const { outputs, weights } = this;
    const from: Rows = { array: parameters, at: weights };
    writeTransposed(from, inputs, outputs, transposed);
    inputSlope.fill(0, 0, rows * inputs);
    const right = { array: transposed, at: 0 };
    matrices.addProduct({ array: inputSlope, at: 0 }, plain(slope, 0, outputs), right, rows, outputs, inputs);
  }
}
