const MINUTE_MS = 60_000;

/** Requests a minute of some kinds of functions, the same each time. */
const KINDS = {
  /** Each five minutes. */
  timer: (minute: number) => (minute % 5 === 0 ? 3 : 0),
  /** By the hour of the day, busy enough for totals. */
  daily: (minute: number) => Math.round(20 + 15 * Math.sin((2 * Math.PI * minute) / 1_440) + 3 * noise(minute)),
  /** Now and then. */
  rare: (minute: number) => (noise(minute) > 0.97 ? 1 : 0),
  /** As unlike itself as can be. */
  wild: (minute: number) => Math.floor(noise(Math.floor(minute / 10)) * 60),
} as const;

export type Kind = keyof typeof KINDS;

/** In [0, 1), by the minute. */
function noise(minute: number): number {
  const x = Math.sin(minute * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

/** Counts of the minutes before `end`. */
export function pastOf(kind: Kind, minutes: number, end: Date): { first: Date; counts: Int32Array } {
  const last = Math.floor(end.getTime() / MINUTE_MS);
  const first = last - minutes;
  return {
    first: new Date(first * MINUTE_MS),
    counts: Int32Array.from({ length: minutes }, (_, i) => KINDS[kind](first + i)),
  };
}
