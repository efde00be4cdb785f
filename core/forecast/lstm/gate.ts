import { DenseLayer } from './dense-layer';

/** Sizes of a gate. */
export interface GateShape {
  /** Values that it sees of a row: those of the network below and those of the row's own context. */
  readonly inputs: number;
  readonly hidden: number;
  /** Forecasts that it chooses among. */
  readonly experts: number;
}

/** How far the gate may leave what the experts say: by a factor of e to the plus or minus this. */
const LEEWAY = 0.25;

/**
 * Chooses among experts, row by row: two hidden layers, a softmax over the experts and one factor near 1 (a mixture of
 * experts; Jacobs et al., 1991). Whatever it has learned, what it says lies near what one of the experts says, so it cannot
 * explode on functions that it never saw. Keeps what the backward pass needs of the last forward pass.
 */
export class Gate {
  readonly size: number;
  readonly #first: DenseLayer;
  readonly #second: DenseLayer;
  readonly #last: DenseLayer;
  readonly #a: Float64Array;
  readonly #b: Float64Array;
  /** Shares of the experts, and then the tangent of the factor. */
  readonly #shares: Float64Array;
  readonly #output: Float64Array;
  readonly #slope: Float64Array;
  readonly #slopeB: Float64Array;
  readonly #slopeA: Float64Array;

  /** @param at where its parameters begin in the array of all @param rows at once */
  constructor(
    readonly shape: GateShape,
    readonly at: number,
    rows: number,
  ) {
    const { inputs, hidden, experts } = shape;
    this.#first = new DenseLayer(at, inputs, hidden);
    this.#second = new DenseLayer(this.#first.end, hidden, hidden);
    this.#last = new DenseLayer(this.#second.end, hidden, experts + 1);
    this.size = this.#last.end - at;
    this.#a = new Float64Array(rows * hidden);
    this.#b = new Float64Array(rows * hidden);
    this.#shares = new Float64Array(rows * (experts + 1));
    this.#output = new Float64Array(rows);
    this.#slope = new Float64Array(experts + 1);
    this.#slopeB = new Float64Array(hidden);
    this.#slopeA = new Float64Array(hidden);
  }

  begin(parameters: Float64Array, random: () => number): void {
    for (const layer of [this.#first, this.#second, this.#last]) layer.begin(parameters, random);
  }

  /** @param input rows × inputs @param experts rows × experts @returns one value a row; overwritten by the next pass */
  forward(parameters: Float64Array, input: Float64Array, experts: Float64Array, rows: number): Float64Array {
    const { inputs, hidden } = this.shape;
    const count = this.shape.experts;
    for (let row = 0; row < rows; row++) {
      const at = row * hidden;
      this.#first.forward(parameters, input, row * inputs, this.#a, at);
      tanhRow(this.#a, at, hidden);
      this.#second.forward(parameters, this.#a, at, this.#b, at);
      tanhRow(this.#b, at, hidden);
      const shares = row * (count + 1);
      this.#last.forward(parameters, this.#b, at, this.#shares, shares);
      softmaxRow(this.#shares, shares, count);
      const tangent = Math.tanh(this.#shares[shares + count] as number);
      this.#shares[shares + count] = tangent;
      this.#output[row] = Math.exp(LEEWAY * tangent) * this.#chosen(experts, row);
    }
    return this.#output;
  }

  /** @param slope of the loss by each row's value @param inputSlope rows × inputs, written */
  backward(
    parameters: Float64Array,
    input: Float64Array,
    experts: Float64Array,
    rows: number,
    slope: Float64Array,
    gradient: Float64Array,
    inputSlope: Float64Array,
  ): void {
    const { inputs, hidden } = this.shape;
    const count = this.shape.experts;
    for (let row = 0; row < rows; row++) {
      const at = row * hidden;
      const shares = row * (count + 1);
      const tangent = this.#shares[shares + count] as number;
      const factor = Math.exp(LEEWAY * tangent);
      const chosen = this.#chosen(experts, row);
      const s = slope[row] as number;
      for (let e = 0; e < count; e++) {
        const share = this.#shares[shares + e] as number;
        this.#slope[e] = s * factor * share * ((experts[row * count + e] as number) - chosen);
      }
      this.#slope[count] = s * factor * chosen * LEEWAY * (1 - tangent * tangent);
      this.#last.backward(parameters, this.#b, at, this.#slope, 0, gradient, this.#slopeB, 0);
      throughTanh(this.#slopeB, this.#b, at, hidden);
      this.#second.backward(parameters, this.#a, at, this.#slopeB, 0, gradient, this.#slopeA, 0);
      throughTanh(this.#slopeA, this.#a, at, hidden);
      this.#first.backward(parameters, input, row * inputs, this.#slopeA, 0, gradient, inputSlope, row * inputs);
    }
  }

  #chosen(experts: Float64Array, row: number): number {
    const count = this.shape.experts;
    let value = 0;
    for (let e = 0; e < count; e++) {
      value += (this.#shares[row * (count + 1) + e] as number) * (experts[row * count + e] as number);
    }
    return value;
  }
}

function tanhRow(values: Float64Array, at: number, length: number): void {
  for (let i = at; i < at + length; i++) values[i] = Math.tanh(values[i] as number);
}

function throughTanh(slope: Float64Array, values: Float64Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) {
    const value = values[at + i] as number;
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
