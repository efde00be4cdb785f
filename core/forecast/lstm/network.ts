import { addRow } from './rows';
import { parameterPlaces, type NetworkShape, type ParameterPlaces } from './shape';

/**
 * A recurrent network with one layer of long short-term memory (Hochreiter & Schmidhuber, 1997; forget gates by Gers et al.,
 * 2000) and a linear output after the last step, for batches of sequences of one length. It keeps what the backward pass
 * needs of the last forward pass; its arrays are made once and used again.
 */
export class LstmNetwork {
  readonly shape: NetworkShape;
  readonly steps: number;
  readonly batch: number;
  readonly #places: ParameterPlaces;
  /** After each step, from the zeros before the first: (steps + 1) × batch × hidden. */
  readonly #hidden: Float64Array;
  readonly #cell: Float64Array;
  /** Gates after their functions: steps × batch × 4 hidden. */
  readonly #gates: Float64Array;
  readonly #output: Float64Array;
  #input: Float64Array = new Float64Array(0);

  /** @param steps of each sequence @param batch sequences at once */
  constructor(shape: NetworkShape, steps: number, batch: number) {
    this.shape = shape;
    this.steps = steps;
    this.batch = batch;
    this.#places = parameterPlaces(shape);
    const { hidden, outputs } = shape;
    this.#hidden = new Float64Array((steps + 1) * batch * hidden);
    this.#cell = new Float64Array((steps + 1) * batch * hidden);
    this.#gates = new Float64Array(steps * batch * 4 * hidden);
    this.#output = new Float64Array(batch * outputs);
  }

  /**
   * @param parameters as `parameterPlaces` lays them out
   * @param input steps × batch × inputs
   * @returns batch × outputs; overwritten by the next pass
   */
  forward(parameters: Float64Array, input: Float64Array): Float64Array {
    this.#input = input;
    for (let step = 0; step < this.steps; step++) this.#forwardStep(parameters, step);
    this.#forwardOutput(parameters);
    return this.#output;
  }

  /**
   * Adds to `gradient` what the last forward pass makes of the loss's slope by each output.
   * @param slope batch × outputs @param gradient of the size of the parameters
   */
  backward(parameters: Float64Array, slope: Float64Array, gradient: Float64Array): void {
    const { hidden, outputs } = this.shape;
    const { toOutput, outputBias } = this.#places;
    const last = this.steps * this.batch * hidden;
    const byHidden = new Float64Array(this.batch * hidden);
    const byCell = new Float64Array(this.batch * hidden);
    for (let b = 0; b < this.batch; b++) {
      for (let o = 0; o < outputs; o++) {
        const s = slope[b * outputs + o] as number;
        if (s === 0) continue;
        add(gradient, outputBias + o, s);
        for (let h = 0; h < hidden; h++) {
          add(gradient, toOutput + h * outputs + o, s * (this.#hidden[last + b * hidden + h] as number));
          add(byHidden, b * hidden + h, s * (parameters[toOutput + h * outputs + o] as number));
        }
      }
    }
    for (let step = this.steps - 1; step >= 0; step--) this.#backwardStep(parameters, step, byHidden, byCell, gradient);
  }

  #forwardStep(parameters: Float64Array, step: number): void {
    const { inputs, hidden } = this.shape;
    const { fromInput, fromHidden, gateBias } = this.#places;
    const width = 4 * hidden;
    for (let b = 0; b < this.batch; b++) {
      const before = (step * this.batch + b) * hidden;
      const after = ((step + 1) * this.batch + b) * hidden;
      const gates = (step * this.batch + b) * width;
      for (let g = 0; g < width; g++) this.#gates[gates + g] = parameters[gateBias + g] as number;
      for (let i = 0; i < inputs; i++) {
        addRow(
          this.#gates,
          gates,
          parameters,
          fromInput + i * width,
          width,
          this.#input[(step * this.batch + b) * inputs + i] as number,
        );
      }
      for (let h = 0; h < hidden; h++) {
        addRow(this.#gates, gates, parameters, fromHidden + h * width, width, this.#hidden[before + h] as number);
      }
      for (let h = 0; h < hidden; h++) {
        const input = sigmoid(this.#gates[gates + h] as number);
        const forget = sigmoid(this.#gates[gates + hidden + h] as number);
        const candidate = Math.tanh(this.#gates[gates + 2 * hidden + h] as number);
        const output = sigmoid(this.#gates[gates + 3 * hidden + h] as number);
        const cell = forget * (this.#cell[before + h] as number) + input * candidate;
        this.#gates[gates + h] = input;
        this.#gates[gates + hidden + h] = forget;
        this.#gates[gates + 2 * hidden + h] = candidate;
        this.#gates[gates + 3 * hidden + h] = output;
        this.#cell[after + h] = cell;
        this.#hidden[after + h] = output * Math.tanh(cell);
      }
    }
  }

  #forwardOutput(parameters: Float64Array): void {
    const { hidden, outputs } = this.shape;
    const { toOutput, outputBias } = this.#places;
    const last = this.steps * this.batch * hidden;
    for (let b = 0; b < this.batch; b++) {
      for (let o = 0; o < outputs; o++) this.#output[b * outputs + o] = parameters[outputBias + o] as number;
      for (let h = 0; h < hidden; h++) {
        addRow(
          this.#output,
          b * outputs,
          parameters,
          toOutput + h * outputs,
          outputs,
          this.#hidden[last + b * hidden + h] as number,
        );
      }
    }
  }

  /** `byHidden` and `byCell` are the slopes by the state after the step, and become those by the state before it. */
  #backwardStep(
    parameters: Float64Array,
    step: number,
    byHidden: Float64Array,
    byCell: Float64Array,
    gradient: Float64Array,
  ): void {
    const { inputs, hidden } = this.shape;
    const { fromInput, fromHidden, gateBias } = this.#places;
    const width = 4 * hidden;
    const slopes = new Float64Array(width);
    for (let b = 0; b < this.batch; b++) {
      const before = (step * this.batch + b) * hidden;
      const after = ((step + 1) * this.batch + b) * hidden;
      const gates = (step * this.batch + b) * width;
      for (let h = 0; h < hidden; h++) {
        const input = this.#gates[gates + h] as number;
        const forget = this.#gates[gates + hidden + h] as number;
        const candidate = this.#gates[gates + 2 * hidden + h] as number;
        const output = this.#gates[gates + 3 * hidden + h] as number;
        const squashed = Math.tanh(this.#cell[after + h] as number);
        const hiddenSlope = byHidden[b * hidden + h] as number;
        const cellSlope = (byCell[b * hidden + h] as number) + hiddenSlope * output * (1 - squashed * squashed);
        slopes[h] = cellSlope * candidate * input * (1 - input);
        slopes[hidden + h] = cellSlope * (this.#cell[before + h] as number) * forget * (1 - forget);
        slopes[2 * hidden + h] = cellSlope * input * (1 - candidate * candidate);
        slopes[3 * hidden + h] = hiddenSlope * squashed * output * (1 - output);
        byCell[b * hidden + h] = cellSlope * forget;
      }
      for (let g = 0; g < width; g++) add(gradient, gateBias + g, slopes[g] as number);
      for (let i = 0; i < inputs; i++) {
        addRow(
          gradient,
          fromInput + i * width,
          slopes,
          0,
          width,
          this.#input[(step * this.batch + b) * inputs + i] as number,
        );
      }
      for (let h = 0; h < hidden; h++) {
        const row = fromHidden + h * width;
        addRow(gradient, row, slopes, 0, width, this.#hidden[before + h] as number);
        let sum = 0;
        for (let g = 0; g < width; g++) sum += (parameters[row + g] as number) * (slopes[g] as number);
        byHidden[b * hidden + h] = sum;
      }
    }
  }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function add(array: Float64Array, index: number, value: number): void {
  array[index] = (array[index] as number) + value;
}
