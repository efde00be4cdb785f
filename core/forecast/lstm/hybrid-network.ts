import { Gate } from './gate';
import { LstmNetwork } from './network';
import { firstParameters, parameterPlaces } from './shape';

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
  return new HybridNetwork(shape, 1).size;
}

/**
 * Long short-term memory over the last minutes, whose summary tells a gate which of the experts to follow in each of the
 * next minutes. @param batch windows at once
 */
export class HybridNetwork {
  readonly size: number;
  readonly #lstm: LstmNetwork;
  readonly #gate: Gate;
  readonly #gateAt: number;
  readonly #rows: Float64Array;
  readonly #rowSlopes: Float64Array;
  readonly #summarySlopes: Float64Array;

  constructor(
    readonly shape: HybridShape,
    readonly batch: number,
  ) {
    const { inputs, hidden, summary, context, experts, gate, horizon, steps } = shape;
    const lstm = { inputs, hidden, outputs: summary };
    this.#lstm = new LstmNetwork(lstm, steps, batch);
    this.#gateAt = parameterPlaces(lstm).size;
    this.#gate = new Gate({ inputs: summary + context, hidden: gate, experts }, this.#gateAt, batch * horizon);
    this.size = this.#gateAt + this.#gate.size;
    this.#rows = new Float64Array(batch * horizon * (summary + context));
    this.#rowSlopes = new Float64Array(this.#rows.length);
    this.#summarySlopes = new Float64Array(batch * summary);
  }

  /** Parameters to begin with. @param random numbers in [0, 1) */
  begin(random: () => number): Float64Array {
    const { inputs, hidden, summary } = this.shape;
    const parameters = new Float64Array(this.size);
    parameters.set(firstParameters({ inputs, hidden, outputs: summary }, random));
    this.#gate.begin(parameters, random);
    return parameters;
  }

  /** @returns batch × horizon, in units of each window's scale; overwritten by the next pass */
  forward(parameters: Float64Array, input: HybridInput): Float64Array {
    const { summary, context, horizon } = this.shape;
    const width = summary + context;
    const summaries = this.#lstm.forward(parameters, input.sequence);
    for (let row = 0; row < this.batch * horizon; row++) {
      const from = Math.floor(row / horizon) * summary;
      for (let i = 0; i < summary; i++) this.#rows[row * width + i] = summaries[from + i] as number;
      for (let i = 0; i < context; i++) {
        this.#rows[row * width + summary + i] = input.context[row * context + i] as number;
      }
    }
    return this.#gate.forward(parameters, this.#rows, input.experts, this.batch * horizon);
  }

  /** Adds to `gradient` what the last pass makes of the loss's slope by each value. @param slope batch × horizon */
  backward(parameters: Float64Array, input: HybridInput, slope: Float64Array, gradient: Float64Array): void {
    const { summary, context, horizon } = this.shape;
    const width = summary + context;
    const rows = this.batch * horizon;
    this.#gate.backward(parameters, this.#rows, input.experts, rows, slope, gradient, this.#rowSlopes);
    this.#summarySlopes.fill(0);
    for (let row = 0; row < rows; row++) {
      const to = Math.floor(row / horizon) * summary;
      for (let i = 0; i < summary; i++) {
        this.#summarySlopes[to + i] =
          (this.#summarySlopes[to + i] as number) + (this.#rowSlopes[row * width + i] as number);
      }
    }
    this.#lstm.backward(parameters, this.#summarySlopes, gradient);
  }
}
