/** Milliseconds for people: three figures, and the unit that fits. */
export function showMs(ms: number): string {
  if (ms >= 60_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  return `${ms >= 100 ? Math.round(ms) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

/** Bytes for people, in binary units. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Micro-dollars for people: dollars from a cent on. */
export function showPrice(microDollars: number): string {
  if (microDollars >= 10_000) return `$${(microDollars / 1e6).toPrecision(3)}`;
  return `${microDollars === 0 ? '0' : Number(microDollars.toPrecision(3))} µ$`;
}

/** How long ago a time was, in its largest unit. `now` is Unix milliseconds. */
export function showAge(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `showAge` with its "ago", where there is a time. */
export function showAgo(time: string | null): string | null {
  return time === null ? null : `${showAge(time)} ago`;
}

/** Weights of an alias, e.g. `3` or `3 (90 %), 4 (10 %)`. */
export function showWeights(weights: readonly { readonly revision: number; readonly weight: number }[]): string {
  const [only] = weights;
  if (weights.length === 1 && only) return String(only.revision);
  return weights.map(({ revision, weight }) => `${revision} (${weight} %)`).join(', ');
}
