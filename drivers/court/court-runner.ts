import type { CourtCase } from '../../core/court/court-case';
import type { PolicyVerdict } from '../../core/court/verdict';
import { QUANTILES, type Forecast } from '../../core/forecast/forecast';

/** What was expected of a function in one minute. */
export interface RecordedForecast {
  /** Index of the function. */
  readonly index: number;
  /** Since 0 of the calls' clock. */
  readonly minute: number;
  readonly mean: number;
  /** One for each level of `QUANTILES`. */
  readonly quantiles: readonly number[];
}

/** A recording that can be sent to another thread. */
export interface RecordedCase extends Omit<CourtCase, 'forecasts'> {
  readonly forecasts: readonly RecordedForecast[];
}

/** Replays recordings; seconds of arithmetic that must not hold up whoever asks. */
export interface CourtRunner {
  /** @param policy as `policyOf` takes it. @throws PlatformError invalid_argument with what is wrong with the recording */
  replay(recorded: RecordedCase, policy: string): Promise<PolicyVerdict>;
  close(): Promise<void>;
}

/** The recording as the court takes it. */
export function courtCaseOf({ forecasts, ...recorded }: RecordedCase): CourtCase {
  const known = new Map<string, Pick<Forecast, 'mean' | 'quantiles'>>();
  for (const { index, minute, mean, quantiles } of forecasts) {
    if (quantiles.length !== QUANTILES.length) continue;
    known.set(`${index}/${minute}`, { mean: [mean], quantiles: quantiles.map((value) => [value]) });
  }
  return { ...recorded, forecasts: (index, minute) => known.get(`${index}/${minute}`) ?? null };
}
