import type { ForecastView } from '../../lib/answers';

const MINUTE_MS = 60_000;

/** Minute by minute: what came, and what was or is expected; null where there is nothing to say. */
export interface ForecastBand {
  /** Begins of the minutes, Unix milliseconds. */
  readonly times: number[];
  readonly actual: (number | null)[];
  readonly mean: (number | null)[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
}

/** The past minutes of a forecast, and after them the minutes that it is of. */
export function forecastBand({ at, mean, quantiles, history }: ForecastView): ForecastBand {
  const { counts, expected } = history;
  const from = Date.parse(history.from);
  const ahead = mean.map((value, i) => ({ mean: value, low: quantiles['0.05']?.[i] ?? value, high: quantiles['0.95']?.[i] ?? value })); // prettier-ignore
  const all = [...counts.map((_, i) => expected[i] ?? null), ...ahead];
  const first = Date.parse(at);
  const times = [...counts.map((_, i) => from + i * MINUTE_MS), ...mean.map((_, i) => first + i * MINUTE_MS)];
  return {
    times,
    actual: [...counts, ...mean.map(() => null)],
    mean: all.map((of) => of?.mean ?? null),
    low: all.map((of) => of?.low ?? null),
    high: all.map((of) => of?.high ?? null),
  };
}

/** Of the past minutes that had been forecast: how many, and the share that came within their interval, 0 to 1. */
export function withinBand({ actual, low, high }: ForecastBand): {
  readonly minutes: number;
  readonly share: number | null;
} {
  const told = actual.flatMap((count, i) => {
    const [least = null, most = null] = [low[i], high[i]];
    return count === null || least === null || most === null
      ? []
      : [count >= Math.floor(least) && count <= Math.ceil(most)];
  });
  return { minutes: told.length, share: told.length === 0 ? null : told.filter(Boolean).length / told.length };
}
