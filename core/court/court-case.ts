import type { Forecast } from '../forecast/forecast';
import type { StartSeconds, WarmingPrices } from '../warming/prices';
import type { WarmFunction } from '../warming/warming-policy';

/** Measured milliseconds of starts by rung: one (a median) or samples that are drawn from; at least one each. */
export interface MeasuredStarts {
  readonly warm: readonly number[];
  /** A restore from an image that lies on the node, and from one that must be fetched first. */
  readonly local: readonly number[];
  readonly remote: readonly number[];
  readonly cold: readonly number[];
}

/** A function's checkpoint. Sizes in bytes, 0 and up. */
export interface CourtCheckpoint {
  /** When it was published, in milliseconds; it lies on the function's node from then on. */
  readonly from: number;
  readonly rawBytes: number;
  readonly sealedBytes: number;
}

/** A function as the court sees it. */
export interface CourtFunction {
  readonly warm: WarmFunction;
  /**
   * What the platform took its starts for before the first call here: its rungs are priced anew with each start that
   * `calls.measured` tells of, as in life. Null: they stay as they are in `warm`.
   */
  readonly believed: StartSeconds | null;
  /** What one instance is promised on its node, in bytes; its memory-time is counted in `warm.memoryGb`. */
  readonly memoryBytes: number;
  /** The manifest's keep-alive, for as long as no policy has spoken. */
  readonly keepAliveMs: number;
  /** Index of its node. */
  readonly node: number;
  readonly checkpoint: CourtCheckpoint | null;
  readonly starts: MeasuredStarts;
  /** When deploys left an instance of it to serve, in milliseconds; empty: never. */
  readonly joins: readonly number[];
  /** It had served before the first call here: its first start is none that nobody could have known of. */
  readonly seen: boolean;
  /** What its SLA leaves a call to wait for its instance, in milliseconds; null or left out: it has none. */
  readonly patienceMs?: number | null;
}

/** A node. */
export interface CourtNode {
  /** What it may promise to instances, in bytes, and to images beside them. */
  readonly memoryBytes: number;
  readonly imageBytes: number;
  /** Cores that instances share; 1 and up. */
  readonly cores: number;
  /** Starts at once; 1 and up. */
  readonly parallelRestores: number;
  readonly parallelColdStarts: number;
  readonly canFreeze: boolean;
}

/** Calls in the order of their arrival, a column each, all equally long. */
export interface CourtCalls {
  /** Index of the function. */
  readonly functions: Uint32Array;
  /** Milliseconds on one clock; never falling. */
  readonly at: Float64Array;
  /** What the function itself took, in milliseconds; 0 and up. */
  readonly executeMs: Float64Array;
  /** What it took of a core, in milliseconds; null where that was not recorded. */
  readonly cpuMs: Float64Array | null;
  /** How each got its instance in life; null where nobody has measured it. */
  readonly measured: MeasuredWaits | null;
}

/** Columns, as long as those of the calls. */
export interface MeasuredWaits {
  /** Index in `START_KINDS`. */
  readonly kinds: Uint8Array;
  /** Milliseconds that the caller waited for its instance. */
  readonly waitMs: Float64Array;
}

/** What was expected of a function (by index) in a minute (since 0 of the calls' clock); null where nothing was recorded. */
export type RecordedForecasts = (index: number, minute: number) => Pick<Forecast, 'mean' | 'quantiles'> | null;

/** The platform's own delays, in milliseconds. */
export interface CourtDelays {
  /** How long a gateway keeps an instance that nothing uses. */
  readonly linger: number;
  /** The controller decides so long after each full minute. */
  readonly decision: number;
  /** Until a call that has ended is known to the controller. */
  readonly record: number;
}

export const DEFAULT_COURT_DELAYS: CourtDelays = { linger: 1_000, decision: 8_500, record: 1_000 };

/** All that a replay depends on, but the policy. */
export interface CourtCase {
  readonly functions: readonly CourtFunction[];
  readonly nodes: readonly CourtNode[];
  readonly calls: CourtCalls;
  /** Milliseconds that are scored; calls before `from` are replayed and learned from. */
  readonly window: { readonly from: number; readonly to: number };
  readonly prices: WarmingPrices;
  readonly delays: CourtDelays;
  /** Null: no policy gets one. */
  readonly forecasts: RecordedForecasts | null;
  /** Of the draws of start times; a whole number. */
  readonly seed: number;
}
