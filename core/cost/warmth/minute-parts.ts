export const MINUTE_MS = 60_000;

/** The start of the minute that a time lies in; Unix milliseconds both. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

/**
 * How much of an interval lies in each minute that it touches, by the minute's start: the parts sum to the whole exactly.
 * A clock that was set back makes it empty. Whole Unix milliseconds; `to` exclusive.
 */
export function minuteParts(from: number, to: number): readonly (readonly [minute: number, ms: number])[] {
  const parts: [number, number][] = [];
  for (let at = from; at < to;) {
    const minute = minuteOf(at);
    const end = Math.min(to, minute + MINUTE_MS);
    parts.push([minute, end - at]);
    at = end;
  }
  return parts;
}
