/** One line, area or band of a chart. `values` has one for each time; null is a gap. */
export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Areas stand on each other in their order; a band lies between `low` and `values`. */
  readonly kind: 'line' | 'area' | 'band';
  /** The lower edge of a band. */
  readonly low?: readonly (number | null)[];
  /** A CSS custom property of styles/colours.css, e.g. `--hot`. */
  readonly colour: string;
  /** So that lines can be told apart without their colour. */
  readonly dashed?: boolean;
}

/** What is drawn: the upper edges by series, areas summed up from the first on; where an area has a gap it has no height. */
export function stacked(series: readonly ChartSeries[]): (number | null)[][] {
  let below: readonly number[] = [];
  return series.map(({ kind, values }) => {
    if (kind !== 'area') return [...values];
    const top = values.map((value, index) => (value ?? 0) + (below[index] ?? 0));
    below = top;
    return top;
  });
}

/** In a sentence: what a series was last, and its least and most. */
export function seriesInWords(series: ChartSeries, unit: string): string {
  const known = series.values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return `${series.label}: nothing yet`;
  const text = (value: number) => `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`;
  return `${series.label}: ${text(last)} now, between ${text(Math.min(...known))} and ${text(Math.max(...known))}`;
}
