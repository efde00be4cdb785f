import { QUANTILES, type Forecast } from '../forecast/forecast';

/** More requests a minute than this nobody believes. */
const MOST_REQUESTS = 1e7;

/** A forecast as it is stored: the minutes of each quantile, one quantile after the other. */
export interface StoredForecast {
  /** The first minute that was forecast, in minutes since 1970. */
  readonly minute: number;
  readonly mean: readonly number[];
  readonly quantiles: readonly number[];
}

/**
 * A stored forecast as policies want it: its first minute is the worse of this minute and the next one, for what is decided
 * now must do until the next decision has come into force, and a start takes its time too.
 * @param minute the present one, since 1970
 * @returns null where it says nothing of this minute (too old, from a clock that was ahead), or nothing that can be believed
 * (NaN, negative, or more than ten million requests a minute)
 */
export function forecastAhead(
  stored: StoredForecast | null,
  minute: number,
): Pick<Forecast, 'mean' | 'quantiles'> | null {
  if (!stored) return null;
  const passed = minute - stored.minute;
  const horizon = stored.mean.length;
  if (!(passed >= 0 && passed < horizon) || stored.quantiles.length !== horizon * QUANTILES.length) return null;
  const credible = (value: number): boolean => value >= 0 && value <= MOST_REQUESTS;
  if (!stored.mean.every(credible) || !stored.quantiles.every(credible)) return null;
  const ahead = (values: readonly number[]): number[] => {
    const [first = 0, ...later] = values.slice(passed);
    return [Math.max(first, later[0] ?? 0), ...later];
  };
  return {
    mean: ahead(stored.mean),
    quantiles: QUANTILES.map((_, level) => ahead(stored.quantiles.slice(level * horizon, (level + 1) * horizon))),
  };
}
