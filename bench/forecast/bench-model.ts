import { QUANTILES } from '../../core/forecast/forecast';
import type { Counts } from '../../core/forecast/member';
import type { TracedFunction } from '../traces/trace-set';

/** Levels of the quantiles that a model may give: those of the platform's forecasts. */
export const QUANTILE_LEVELS = QUANTILES;

/** One function's next minutes, as one origin sees them; requests in each minute unless said otherwise. Finite, not negative. */
export interface StepForecast {
  /** What absolute errors are measured of: best a median. */
  readonly point: Counts;
  /** What squared errors are measured of; the point where it is not given. */
  readonly mean?: Counts;
  /** One for each of `QUANTILE_LEVELS`. */
  readonly quantiles?: readonly Counts[];
  /** Requests in all minutes together; the sum of the points where it is not given. */
  readonly total?: number;
  /** Probability that anything comes at all; of a Poisson process with that mean where it is not given. */
  readonly any?: number;
  /** Minutes that are foretold to be a spike; those whose point lies above the bar where they are not given. */
  readonly alarms?: readonly boolean[];
  /** Share of each member in it, 1 in sum. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** What a model may be fitted to: functions whose counts end where the test part begins. */
export interface Training {
  readonly functions: readonly TracedFunction[];
  /** Minutes ahead that are asked for at each origin. */
  readonly steps: number;
}

/** Anything that forecasts, as the bench asks it. Made anew for each run. */
export interface BenchModel {
  readonly name: string;
  /** Fits what is fitted once. */
  prepare(training: Training): Promise<void> | void;
  /**
   * One forecast for each function. Called for one origin after the other; what became known since may be used for state
   * and weights.
   * @param known the counts of each function before the origin, and nothing else
   */
  forecast(known: readonly Counts[], origin: number): Promise<readonly StepForecast[]> | readonly StepForecast[];
  /** CPU milliseconds of fitting that another row of this run did for this one, too; nothing where it is not there. */
  borrowedCpuMs?(): number;
}
