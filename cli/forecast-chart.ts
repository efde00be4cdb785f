const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const HEIGHT = 10;
/** Characters of each minute that is forecast: there are few of them, and they matter most. */
const AHEAD_WIDTH = 2;

export interface ForecastChartData {
  /** Requests of the minutes before, the oldest first. */
  readonly past: readonly number[];
  readonly mean: readonly number[];
  /** The band in which most minutes should lie. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** What was as bars, what is expected as points within their band; text of some 12 lines, all values not negative. */
export function forecastChart({ past, mean, low, high }: ForecastChartData): string {
  const top = Math.max(1, ...past, ...mean, ...high);
  const label = (value: number): string => (top >= 10 ? Math.round(value).toString() : value.toFixed(1));
  const width = label(top).length;
  const rows: string[] = [];
  for (let row = HEIGHT - 1; row >= 0; row--) {
    const [bottom, above] = [(row / HEIGHT) * top, ((row + 1) / HEIGHT) * top];
    const bars = past.map((count) => barPart(count, bottom, above)).join('');
    const ahead = mean.map((value, i) => aheadPart(value, low[i] ?? value, high[i] ?? value, bottom, above)).join('');
    const axis = row === HEIGHT - 1 || row === Math.floor(HEIGHT / 2) ? label(above) : '';
    rows.push(`${axis.padStart(width)} ┤${bars}│${ahead}`.trimEnd());
  }
  const line = `${'0'.padStart(width)} ┼${'─'.repeat(past.length)}┼${'─'.repeat(mean.length * AHEAD_WIDTH)}`;
  const begin = past.length > 0 ? `-${past.length} min` : '';
  const now = 'now';
  const end = `+${mean.length} min`;
  const beforeNow = Math.max(1, past.length - begin.length - Math.floor(now.length / 2));
  const afterNow = Math.max(1, mean.length * AHEAD_WIDTH - Math.floor(now.length / 2) - end.length);
  const scale = `${' '.repeat(width + 2)}${begin}${' '.repeat(beforeNow)}${now}${' '.repeat(afterNow)}${end}`;
  return [...rows, line, scale].join('\n');
}

/** How much of a row a bar fills. What is not nothing is seen. */
function barPart(count: number, bottom: number, above: number): string {
  const eighths = Math.round(((count - bottom) / (above - bottom)) * 8);
  const least = count > 0 && bottom === 0 ? 1 : 0;
  return EIGHTHS[Math.min(8, Math.max(least, eighths))] ?? ' ';
}

function aheadPart(mean: number, low: number, high: number, bottom: number, above: number): string {
  const within = (value: number): boolean => value >= bottom && (value < above || (bottom === 0 && value === 0));
  if (within(mean)) return '●'.padEnd(AHEAD_WIDTH, '░');
  return (high > bottom && low < above ? '░' : ' ').repeat(AHEAD_WIDTH);
}
