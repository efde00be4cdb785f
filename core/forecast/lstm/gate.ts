import { tanh } from './activation';
import { DenseLayer } from './dense-layer';
import { Matrices } from './matrices';

/** Sizes of a gate. */
export interface GateShape {
  /** Values that it sees of a row: those of the network below and those of the row's own context. */
  readonly inputs: number;
  readonly hidden: number;
  /** Forecasts that it chooses among. */
  readonly experts: number;
}

/** How far the gate may leave what the experts say: by a factor of e to the plus or minus this. */
export const LEEWAY = 0.25;

/** Its layers, from the given place on in the array of all parameters. */
export function gateLayers(
  { inputs, hidden, experts }: GateShape,
  at: number,
): readonly [DenseLayer, DenseLayer, DenseLayer] {
  const first = new DenseLayer(at, inputs, hidden);
  const second = new DenseLayer(first.end, hidden, hidden);
  return [first, second, new DenseLayer(second.end, hidden, experts + 1)];
}

/**
 * Chooses among experts, row by row: two hidden layers, a softmax over the experts and one factor near 1 (a mixture of
 * experts; Jacobs et al., 1991). Whatever it has learned, what it says lies near what one of the experts says, so it cannot
 * explode on functions that it never saw. Keeps what the backward pass needs of the last forward pass.
 */
export class Gate {
  readonly #layers;
  readonly #matrices;
  readonly #output: Float64Array;

  /** @param at where its parameters begin in the array of all @param rows at once */
  constructor(
    readonly shape: GateShape,
    readonly at: number,
    readonly rows: number,
  ) {
    const { inputs, hidden, experts } = shape;
    this.#layers = gateLayers(shape, 0);
    this.#matrices = new Matrices({
      parameters: this.#layers[2].end,
      gradient: this.#layers[2].end,
      input: rows * inputs,
      a: rows * hidden,
      b: rows * hidden,
      /** Shares of the experts, and then the tangent of the factor; in the backward pass the slopes by what is before. */
      shares: rows * (experts + 1),
      slopeA: rows * hidden,
      slopeB: rows * hidden,
      inputSlope: rows * inputs,
      transposed: hidden * Math.max(inputs, hidden, experts + 1),
    });
    this.#output = new Float64Array(rows);
  }

  /** Rows × inputs: what the next forward pass reads. */
  get input(): Float64Array {
    return this.#matrices.arrays.input;
  }

  /** @param experts rows × experts @returns one value a row; overwritten by the next pass */
  forward(all: Float64Array, experts: Float64Array): Float64Array {
    const { parameters, input, a, b, shares } = this.#matrices.arrays;
    const [first, second, last] = this.#layers;
    parameters.set(all.subarray(this.at, this.at + parameters.length));
    first.forward(this.#matrices, parameters, input, a, this.rows);
    tanhAll(a);
    second.forward(this.#matrices, parameters, a, b, this.rows);
    tanhAll(b);
    last.forward(this.#matrices, parameters, b, shares, this.rows);
    const count = this.shape.experts;
    for (let row = 0; row < this.rows; row++) {
      const at = row * (count + 1);
      softmaxRow(shares, at, count);
      const tangent = tanh(shares[at + count] as number);
      shares[at + count] = tangent;
      this.#output[row] = Math.exp(LEEWAY * tangent) * this.#chosen(experts, row);
    }
    return this.#output;
  }

  /**
   * Adds to `gradient`. @param slope of the loss by each row's value
   * @param wanted of the inputs, the first so many @returns slopes by them, rows × wanted; overwritten by the next pass
   */
  backward(experts: Float64Array, slope: Float64Array, gradient: Float64Array, wanted: number): Float64Array {
    const matrices = this.#matrices;
    const { parameters, input, a, b, shares, slopeA, slopeB, inputSlope, transposed, gradient: own } = matrices.arrays;
    const [first, second, last] = this.#layers;
    const rows = this.rows;
    this.#slopesOfShares(experts, slope);
    own.fill(0);
    last.addGradient(matrices, b, shares, own, rows);
    last.backward(matrices, parameters, shares, slopeB, rows, transposed);
    throughTanh(slopeB, b);
    second.addGradient(matrices, a, slopeB, own, rows);
    second.backward(matrices, parameters, slopeB, slopeA, rows, transposed);
    throughTanh(slopeA, a);
    first.addGradient(matrices, input, slopeA, own, rows);
    first.backward(matrices, parameters, slopeA, inputSlope, rows, transposed, wanted);
    for (let i = 0; i < own.length; i++) gradient[this.at + i] = (gradient[this.at + i] as number) + (own[i] as number);
    return inputSlope;
  }

  /** Shares and tangent become the slopes by what the last layer said. */
  #slopesOfShares(experts: Float64Array, slope: Float64Array): void {
    const { shares } = this.#matrices.arrays;
    const count = this.shape.experts;
    for (let row = 0; row < this.rows; row++) {
      const at = row * (count + 1);
      const tangent = shares[at + count] as number;
      const chosen = this.#chosen(experts, row);
      const scaled = (slope[row] as number) * Math.exp(LEEWAY * tangent);
      for (let e = 0; e < count; e++) {
        shares[at + e] = scaled * (shares[at + e] as number) * ((experts[row * count + e] as number) - chosen);
      }
      shares[at + count] = scaled * chosen * LEEWAY * (1 - tangent * tangent);
    }
  }

  #chosen(experts: Float64Array, row: number): number {
    const { shares } = this.#matrices.arrays;
    const count = this.shape.experts;
    let value = 0;
    for (let e = 0; e < count; e++) {
      value += (shares[row * (count + 1) + e] as number) * (experts[row * count + e] as number);
    }
    return value;
  }
}

function tanhAll(values: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = tanh(values[i] as number);
}

function throughTanh(slope: Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    slope[i] = (slope[i] as number) * (1 - value * value);
  }
}

function softmaxRow(values: Float64Array, at: number, length: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = at; i < at + length; i++) most = Math.max(most, values[i] as number);
  let sum = 0;
  for (let i = at; i < at + length; i++) {
    const value = Math.exp((values[i] as number) - most);
    values[i] = value;
    sum += value;
  }
  for (let i = at; i < at + length; i++) values[i] = (values[i] as number) / sum;
}
