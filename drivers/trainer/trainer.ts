import type { ArModel } from '../../core/forecast/ar-model';
import type { NamedHistory } from '../../core/forecast/history-codec';

/** A function that the network learns from: all of its past, of which training sees the part that it may. */
export interface TrainedFunction {
  readonly history: NamedHistory;
  readonly arima: ArModel | null;
}

/** What validation says of one function's model. */
export interface Verdict {
  readonly passed: boolean;
  /** One sentence. */
  readonly reason: string;
  /** Measures on the holdout, by name; null where one is not defined. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/**
 * The arithmetic of training, away from the event loop of whoever asks. Networks and states of training are the bytes that are
 * stored; equal inputs give equal bytes. Failures are PlatformErrors: `invalid_argument` for bytes that are none of ours,
 * `unavailable` when the work ended before its time.
 */
export interface Trainer {
  /** Passes that the network needs. */
  readonly epochs: number;
  /**
   * One pass of the network over the functions.
   * @param input `state` of the pass before, null begins anew; `set` names the functions, which are asked for only when they are
   *   not at hand from the pass before
   */
  train(input: {
    readonly set: string;
    readonly state: Uint8Array | null;
    readonly functions: () => Promise<readonly TrainedFunction[]>;
  }): Promise<Uint8Array>;
  /** The trained network, with what it learned of how far forecasts can be believed. */
  finish(input: { readonly state: Uint8Array; readonly functions: readonly TrainedFunction[] }): Promise<Uint8Array>;
  /** Forecasts the holdout of a function. @param input `model` and `network` as they will be deployed; no network: null */
  validate(input: {
    readonly history: NamedHistory;
    readonly model: Uint8Array;
    readonly network: Uint8Array | null;
  }): Promise<Verdict>;
  /** Ends the work under way, which fails. */
  close(): Promise<void>;
}
