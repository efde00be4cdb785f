import { sigmoid, tanh } from './activation';
import { Matrices, plain, turned, writeTransposed } from './matrices';
import { parameterPlaces, type NetworkShape, type ParameterPlaces } from './shape';

/**
 * A recurrent network with one layer of long short-term memory (Hochreiter & Schmidhuber, 1997; forget gates by Gers et al.,
 * 2000) and a linear output after the last step, for batches of sequences of one length. It keeps what the backward pass
 * needs of the last forward pass; its arrays are made once and used again.
 */
export class LstmNetwork {
  readonly #places: ParameterPlaces;
  readonly #matrices;

  /** @param steps of each sequence @param batch sequences at once */
  constructor(
    readonly shape: NetworkShape,
    readonly steps: number,
    readonly batch: number,
  ) {
    this.#places = parameterPlaces(shape);
    const { inputs, hidden, outputs } = shape;
    this.#matrices = new Matrices({
      parameters: this.#places.size,
      gradient: this.#places.size,
      input: steps * batch * inputs,
      /** After each step, from the zeros before the first: (steps + 1) × batch × hidden. */
      hidden: (steps + 1) * batch * hidden,
      cell: (steps + 1) * batch * hidden,
      /** The tangent of the cell after each step. */
      squashed: steps * batch * hidden,
      /** Gates after their functions, steps × batch × 4 hidden; in the backward pass the slopes by what is before these. */
      gates: steps * batch * 4 * hidden,
      output: batch * outputs,
      slope: batch * outputs,
      byHidden: batch * hidden,
      byCell: batch * hidden,
      transposed: hidden * Math.max(4 * hidden, outputs),
    });
  }

  /**
   * @param all parameters as `parameterPlaces` lays them out; what follows is not read
   * @param sequence steps × batch × inputs
   * @returns batch × outputs; overwritten by the next pass
   */
  forward(all: Float64Array, sequence: Float64Array): Float64Array {
    const { parameters, input, gates, hidden, output } = this.#matrices.arrays;
    const { fromInput, gateBias, toOutput, outputBias } = this.#places;
    const { inputs, hidden: width, outputs } = this.shape;
    const weights = (at: number) => ({ array: parameters, at });
    parameters.set(all.subarray(0, parameters.length));
    input.set(sequence);
    gates.fill(0);
    const rows = this.steps * this.batch;
    const to = { array: gates, at: 0 };
    this.#matrices.addRow(to, weights(gateBias), rows, 4 * width);
    this.#matrices.addProduct(to, plain(input, 0, inputs), weights(fromInput), rows, inputs, 4 * width);
    for (let step = 0; step < this.steps; step++) this.#forwardStep(step);
    output.fill(0);
    const said = { array: output, at: 0 };
    const last = plain(hidden, rows * width, width);
    this.#matrices.addRow(said, weights(outputBias), this.batch, outputs);
    this.#matrices.addProduct(said, last, weights(toOutput), this.batch, width, outputs);
    return output;
  }

  /** Adds to `gradient` what the last forward pass makes of the loss's slope by each output. @param slopes batch × outputs */
  backward(slopes: Float64Array, gradient: Float64Array): void {
    const { parameters, hidden, slope, byHidden, byCell, transposed, gradient: own } = this.#matrices.arrays;
    const { fromHidden, toOutput, outputBias } = this.#places;
    const { hidden: width, outputs } = this.shape;
    const sum = (at: number) => ({ array: own, at });
    own.fill(0);
    slope.set(slopes);
    const from = { array: slope, at: 0 };
    const last = turned(hidden, this.steps * this.batch * width, width);
    this.#matrices.addSum(sum(outputBias), from, this.batch, outputs);
    this.#matrices.addProduct(sum(toOutput), last, from, width, this.batch, outputs);
    byHidden.fill(0);
    byCell.fill(0);
    const right = { array: transposed, at: 0 };
    writeTransposed({ array: parameters, at: toOutput }, width, outputs, transposed);
    const to = { array: byHidden, at: 0 };
    this.#matrices.addProduct(to, plain(slope, 0, outputs), right, this.batch, outputs, width);
    writeTransposed({ array: parameters, at: fromHidden }, width, 4 * width, transposed);
    for (let step = this.steps - 1; step >= 0; step--) this.#backwardStep(step);
    for (let i = 0; i < own.length; i++) gradient[i] = (gradient[i] as number) + (own[i] as number);
  }

  #forwardStep(step: number): void {
    const { parameters, gates, hidden, cell, squashed } = this.#matrices.arrays;
    const width = this.shape.hidden;
    const first = step * this.batch * width;
    const to = { array: gates, at: 4 * first };
    const weights = { array: parameters, at: this.#places.fromHidden };
    this.#matrices.addProduct(to, plain(hidden, first, width), weights, this.batch, width, 4 * width);
    for (let b = 0; b < this.batch; b++) {
      const before = first + b * width;
      const after = before + this.batch * width;
      const at = 4 * before;
      for (let h = 0; h < width; h++) {
        const input = sigmoid(gates[at + h] as number);
        const forget = sigmoid(gates[at + width + h] as number);
        const candidate = tanh(gates[at + 2 * width + h] as number);
        const output = sigmoid(gates[at + 3 * width + h] as number);
        const next = forget * (cell[before + h] as number) + input * candidate;
        const tangent = tanh(next);
        gates[at + h] = input;
        gates[at + width + h] = forget;
        gates[at + 2 * width + h] = candidate;
        gates[at + 3 * width + h] = output;
        cell[after + h] = next;
        squashed[before + h] = tangent;
        hidden[after + h] = output * tangent;
      }
    }
  }

  /** `byHidden` and `byCell` are the slopes by the state after the step, and become those by the state before it. */
  #backwardStep(step: number): void {
    const { input, gates, hidden, byHidden, transposed, gradient } = this.#matrices.arrays;
    const { fromInput, fromHidden, gateBias } = this.#places;
    const { inputs, hidden: width } = this.shape;
    const first = step * this.batch * width;
    this.#slopesOfGates(first);
    const slopes = { array: gates, at: 4 * first };
    const sum = (at: number) => ({ array: gradient, at });
    const saw = turned(input, step * this.batch * inputs, inputs);
    this.#matrices.addSum(sum(gateBias), slopes, this.batch, 4 * width);
    this.#matrices.addProduct(sum(fromInput), saw, slopes, inputs, this.batch, 4 * width);
    const knew = turned(hidden, first, width);
    this.#matrices.addProduct(sum(fromHidden), knew, slopes, width, this.batch, 4 * width);
    byHidden.fill(0);
    const to = { array: byHidden, at: 0 };
    const left = plain(gates, 4 * first, 4 * width);
    this.#matrices.addProduct(to, left, { array: transposed, at: 0 }, this.batch, 4 * width, width);
  }

  #slopesOfGates(first: number): void {
    const { gates, cell, squashed, byHidden, byCell } = this.#matrices.arrays;
    const width = this.shape.hidden;
    for (let b = 0; b < this.batch; b++) {
      const before = first + b * width;
      const at = 4 * before;
      for (let h = 0; h < width; h++) {
        const input = gates[at + h] as number;
        const forget = gates[at + width + h] as number;
        const candidate = gates[at + 2 * width + h] as number;
        const output = gates[at + 3 * width + h] as number;
        const tangent = squashed[before + h] as number;
        const hiddenSlope = byHidden[b * width + h] as number;
        const cellSlope = (byCell[b * width + h] as number) + hiddenSlope * output * (1 - tangent * tangent);
        gates[at + h] = cellSlope * candidate * input * (1 - input);
        gates[at + width + h] = cellSlope * (cell[before + h] as number) * forget * (1 - forget);
        gates[at + 2 * width + h] = cellSlope * input * (1 - candidate * candidate);
        gates[at + 3 * width + h] = hiddenSlope * tangent * output * (1 - output);
        byCell[b * width + h] = cellSlope * forget;
      }
    }
  }
}
