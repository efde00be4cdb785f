/** One measured value at a moment; the unit of time is the caller's. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** The straight line nearest to the points by least squares. @throws RangeError for fewer than two moments */
export function fitLine(points: readonly Point[]): { readonly slope: number; readonly at: (moment: number) => number } {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middle, level] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = points.reduce((sum, { at }) => sum + (at - middle) ** 2, 0);
  if (!(spread > 0)) throw new RangeError('a line needs values at two moments at least');
  const slope = points.reduce((sum, { at, value }) => sum + (at - middle) * (value - level), 0) / spread;
  return { slope, at: (moment) => level + slope * (moment - middle) };
}

/**
 * By which share a series grew over the last half of its time: the end of the line fitted to that half against its
 * beginning, 0.05 for 5 %. Single peaks count little; what was high all along counts nothing.
 */
export function growthOfLastHalf(points: readonly Point[]): number {
  const [first, last] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 0];
  const half = points.filter(({ at }) => at >= (first + last) / 2);
  const line = fitLine(half);
  const from = line.at(half[0]?.at ?? 0);
  return from > 0 ? line.at(last) / from - 1 : 0;
}
