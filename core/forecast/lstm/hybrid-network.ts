import { Gate, gateLayers, type GateShape } from './gate';
import { LstmNetwork } from './network';
import { firstParameters, parameterPlaces, type NetworkShape } from './shape';

/** Sizes of the global network. All functions share one; what differs between them is in its inputs. */
export interface HybridShape {
  /** Minutes of the sequence that it reads, and values of each. */
  readonly steps: number;
  readonly inputs: number;
  readonly hidden: number;
  /** Values that the sequence becomes. */
  readonly summary: number;
  /** Minutes that it forecasts, and values of context of each. */
  readonly horizon: number;
  readonly context: number;
  readonly experts: number;
  readonly gate: number;
}

/** What the network sees of `batch` windows. */
export interface HybridInput {
  /** steps × batch × inputs. */
  readonly sequence: Float64Array;
  /** batch × horizon × context. */
  readonly context: Float64Array;
  /** batch × horizon × experts, each in units of the window's scale. */
  readonly experts: Float64Array;
}

/** How many parameters a network of this shape has. */
export function hybridSize(shape: HybridShape): number {
  return gateLayers(gateShape(shape), parameterPlaces(lstmShape(shape)).size)[2].end;
}

/** The parts' own sizes. */
export function lstmShape({ inputs, hidden, summary }: HybridShape): NetworkShape {
  return { inputs, hidden, outputs: summary };
}

export function gateShape({ summary, context, gate, experts }: HybridShape): GateShape {
  return { inputs: summary + context, hidden: gate, experts };
}

/** Parameters to begin with. @param random numbers in [0, 1) */
export function beginHybrid(shape: HybridShape, random: () => number): Float64Array {
  const parameters = new Float64Array(hybridSize(shape));
  const lstm = firstParameters(lstmShape(shape), random);
  parameters.set(lstm);
  for (const layer of gateLayers(gateShape(shape), lstm.length)) layer.begin(parameters, random);
  return parameters;
}

/**
 * Long short-term memory over the last minutes, whose summary tells a gate which of the experts to follow in each of the
 * next minutes.
 */
export class HybridNetwork {
  readonly #lstm: LstmNetwork;
  readonly #gate: Gate;
  readonly #summarySlopes: Float64Array;

  /** @param batch windows at once */
  constructor(
    readonly shape: HybridShape,
    readonly batch: number,
  ) {
    const { summary, horizon, steps } = shape;
    this.#lstm = new LstmNetwork(lstmShape(shape), steps, batch);
    this.#gate = new Gate(gateShape(shape), parameterPlaces(lstmShape(shape)).size, batch * horizon);
    this.#summarySlopes = new Float64Array(batch * summary);
  }

  /** @returns batch × horizon, in units of each window's scale; overwritten by the next pass */
  forward(parameters: Float64Array, input: HybridInput): Float64Array {
    const { summary, context, horizon } = this.shape;
    const width = summary + context;
    const summaries = this.#lstm.forward(parameters, input.sequence);
    const rows = this.#gate.input;
    for (let row = 0; row < this.batch * horizon; row++) {
      const from = Math.floor(row / horizon) * summary;
      for (let i = 0; i < summary; i++) rows[row * width + i] = summaries[from + i] as number;
      for (let i = 0; i < context; i++) {
        rows[row * width + summary + i] = input.context[row * context + i] as number;
      }
    }
    return this.#gate.forward(parameters, input.experts);
  }

  /** Adds to `gradient` what the last pass makes of the loss's slope by each value; once a pass. @param slope batch × horizon */
  backward(input: HybridInput, slope: Float64Array, gradient: Float64Array): void {
    const { summary, horizon } = this.shape;
    const rowSlopes = this.#gate.backward(input.experts, slope, gradient, summary);
    this.#summarySlopes.fill(0);
    for (let row = 0; row < this.batch * horizon; row++) {
      const to = Math.floor(row / horizon) * summary;
      for (let i = 0; i < summary; i++) {
        this.#summarySlopes[to + i] =
          (this.#summarySlopes[to + i] as number) + (rowSlopes[row * summary + i] as number);
      }
    }
    this.#lstm.backward(this.#summarySlopes, gradient);
  }
}
