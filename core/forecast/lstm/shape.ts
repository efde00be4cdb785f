/** Sizes of a network. */
export interface NetworkShape {
  /** Values that it sees at each step. */
  readonly inputs: number;
  readonly hidden: number;
  /** Values that it says after the last step. */
  readonly outputs: number;
}

/** Where each part of the parameters begins in their one array; the gates are in the order input, forget, cell, output. */
export interface ParameterPlaces {
  /** inputs × 4 hidden. */
  readonly fromInput: number;
  /** hidden × 4 hidden. */
  readonly fromHidden: number;
  /** 4 hidden. */
  readonly gateBias: number;
  /** hidden × outputs. */
  readonly toOutput: number;
  readonly outputBias: number;
  readonly size: number;
}

export function parameterPlaces({ inputs, hidden, outputs }: NetworkShape): ParameterPlaces {
  const gates = 4 * hidden;
  const fromHidden = inputs * gates;
  const gateBias = fromHidden + hidden * gates;
  const toOutput = gateBias + gates;
  const outputBias = toOutput + hidden * outputs;
  return { fromInput: 0, fromHidden, gateBias, toOutput, outputBias, size: outputBias + outputs };
}

/**
 * Parameters to begin with: uniform by the size of each layer (Glorot & Bengio, 2010), and a forget gate that remembers at
 * first (bias 1; Jozefowicz et al., 2015). @param random numbers in [0, 1)
 */
export function firstParameters(shape: NetworkShape, random: () => number): Float64Array {
  const { inputs, hidden, outputs } = shape;
  const places = parameterPlaces(shape);
  const parameters = new Float64Array(places.size);
  const fill = (from: number, to: number, fanIn: number, fanOut: number): void => {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    for (let i = from; i < to; i++) parameters[i] = (2 * random() - 1) * limit;
  };
  fill(places.fromInput, places.fromHidden, inputs, hidden);
  fill(places.fromHidden, places.gateBias, hidden, hidden);
  fill(places.toOutput, places.outputBias, hidden, outputs);
  parameters.fill(1, places.gateBias + hidden, places.gateBias + 2 * hidden);
  return parameters;
}
