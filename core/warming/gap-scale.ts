const MINUTE = 60;

/** Where bins of gaps begin, in seconds: seconds at first, ten minutes after four hours, 28 hours at the end. */
const EDGES: Float64Array = Float64Array.from([
  ...[0, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600],
  ...range(12, 64, 2),
  ...range(66, 243, 6),
  ...range(250, 1_690, 10),
]);

/** Bins of gaps between two uses; those that are longer than the last edge are one more. */
export const GAP_BINS = EDGES.length - 1;

/** The second at which bin `bin` begins, 0 to `GAP_BINS`. */
export function edgeOf(bin: number): number {
  return EDGES[bin] as number;
}

/** The bin of a gap in seconds; `GAP_BINS` for those beyond all. What is no gap (negative, NaN) counts as none at all. */
export function binOfGap(seconds: number): number {
  if (!(seconds > 0)) return 0;
  if (seconds >= edgeOf(GAP_BINS)) return GAP_BINS;
  let low = 0;
  let high = GAP_BINS;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (edgeOf(middle) <= seconds) low = middle;
    else high = middle;
  }
  return low;
}

function range(from: number, to: number, step: number): number[] {
  const edges: number[] = [];
  for (let minutes = from; minutes <= to; minutes += step) edges.push(minutes * MINUTE);
  return edges;
}
