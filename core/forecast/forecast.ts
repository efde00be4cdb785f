/** Minutes ahead that are forecast. */
export const HORIZON = 10;
/** Levels of the quantiles that a forecast has; the first and the seventh are the ends of its 90 % interval. */
export const QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** One of the models that a forecast was mixed from. */
export interface MemberShare {
  readonly name: string;
  /** 0 to 1; all of a forecast sum to 1. */
  readonly weight: number;
  /** Requests in each of the next minutes, as this model alone has it. */
  readonly forecast: readonly number[];
}

/**
 * What is expected of a function in each of the next minutes, in requests a minute; finite and not negative. Which of its
 * numbers is the right one depends on what being wrong costs (Gneiting, "Making and evaluating point forecasts", 2011): the
 * mean for squared errors and sums of many functions, the median for absolute errors, `total.point` for relative errors.
 */
export interface Forecast {
  readonly mean: readonly number[];
  readonly median: readonly number[];
  /** One list of minutes for each level of `QUANTILES`, rising from level to level. */
  readonly quantiles: readonly (readonly number[])[];
  /** Of the sum over all minutes ahead. */
  readonly total: { readonly point: number; readonly mean: number; readonly quantiles: readonly number[] };
  /** How strongly a spike is expected in each minute, 0 to 1: the share of what foretold earlier spikes that foretells one here. */
  readonly spike: readonly number[];
  /** Minutes in which `spike` is above what raised one false alarm for each true one while the model was trained. */
  readonly alarms: readonly boolean[];
  /** The heaviest first. */
  readonly members: readonly MemberShare[];
  /** The member with the largest weight. */
  readonly spoke: string;
}

/** Requests of one function in each minute, the oldest first. */
export interface FunctionHistory {
  /** Finite and not negative. */
  readonly counts: ArrayLike<number>;
  /** Minutes from the first of 1970 in the function's own time zone to the first count. */
  readonly firstMinute: number;
}
