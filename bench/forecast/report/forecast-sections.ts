import { STEPS, type TestPart } from '../test-part';
import { SERIES_BINS, type SeriesResult } from '../series-results';
import { HYBRID } from '../models';
import type { ForecastTable } from '../forecast-table';
import type { ScoredRow } from '../scored-row';
import { shareTable } from './member-shares';
import { errorSources } from './error-sources';
import { markdownTable } from '../../harness/markdown-table';
import { classTable, fixed, percent, scoreTable } from './score-table';

/** One set of functions in the report. */
export interface ReportedPart {
  readonly title: string;
  readonly part: TestPart;
  readonly rows: readonly ScoredRow[];
  /** The hybrid's own forecasts; null where it did not run. */
  readonly hybrid: ForecastTable | null;
  /** Markdown that shows the plots. */
  readonly plots: readonly string[];
}

export function partSection({ title, part, rows, hybrid, plots }: ReportedPart): string[] {
  const { functions, origins, trainEnd } = part;
  const [first] = rows;
  return [
    `## ${title}: ${functions.length} functions`,
    '',
    `Minutes ${trainEnd} to ${trainEnd + origins.length * STEPS}; every ${STEPS} minutes each of the next ${STEPS} is forecast. Models are fitted to what lies before minute ${trainEnd} alone; state and weights follow what came since. The spike bar is the mean of the hour before the origin and two of its standard deviations, 0.5 at least. MAPE10 is of sums of ten minutes, over the ${first?.all.mape10Functions ?? 0} functions with nine requests or more in them, and leaves out the ${percent(first?.all.mape10ZeroShare ?? 0)} of sums that are zero. CPU is that of fitting and of all ${origins.length} forecasts.`,
    '',
    ...scoreTable(rows),
    ...(rows.some(({ cached }) => cached) ? ['', '¹ Forecasts and times of an earlier run, from the cache.'] : []),
    '',
    ...plots.flatMap((plot) => [plot, '']),
    '### WAPE by tier',
    '',
    ...classTable(rows, 'tiers'),
    '',
    '### WAPE by pattern',
    '',
    'Bold: the best single member.',
    '',
    ...classTable(rows, 'patterns'),
    ...(hybrid && hybrid.weights.size > 0
      ? ['', `### Who speaks in the ${HYBRID}`, '', 'Mean weight of each member.', '', ...shareTable(part, hybrid)]
      : []),
    ...ablationLines(rows),
    '',
    ...errorSources(rows),
  ];
}

/** What the hybrid loses with each part that is taken from it. */
function ablationLines(rows: readonly ScoredRow[]): string[] {
  const hybrid = rows.find(({ name }) => name === HYBRID)?.all;
  const without = rows.filter(({ role }) => role === 'ablation');
  if (!hybrid || without.length === 0) return [];
  const change = (value: number | null, whole: number | null): string =>
    value === null || whole === null || whole === 0 ? '-' : `${value >= whole ? '+' : ''}${(100 * (value / whole - 1)).toFixed(2)} %`; // prettier-ignore
  const head = ['model', 'WAPE', 'WAPE 10 min', 'MAPE10', 'pinball'];
  const lines = without.map(({ name, all }) => [
    name,
    change(all.wape, hybrid.wape),
    change(all.wape10, hybrid.wape10),
    change(all.mape10, hybrid.mape10),
    change(all.pinball, hybrid.pinball),
  ]);
  return ['', '### Ablations', '', `Against the whole ${HYBRID}: above 0 the part is of use.`, '', ...markdownTable(head, lines)]; // prettier-ignore
}

export function seriesSection(results: readonly SeriesResult[]): string[] {
  const lines = SERIES_BINS.flatMap((width) => {
    const of = results.filter(({ binMinutes }) => binMinutes === width);
    const names = [...new Set(of.flatMap(({ errors }) => [...errors.keys()]))];
    const rows = names.map((name) => [name, ...of.map(({ errors, rival }) => cell(errors.get(name), name === rival))]);
    return [`### Bins of ${width} min`, '', ...markdownTable(['WAPE', ...of.map(({ id }) => id)], rows), ''];
  });
  return [
    `## Series`,
    '',
    `The last two days of each (a third of those shorter than five), every ${STEPS} minutes the next ${STEPS}; every model is fitted to the series alone. Ours forecast minutes, and their sums are held against the bins of five minutes; the others see and forecast the bins. Bold: the best of those that the ${HYBRID} is held against.`,
    '',
    ...lines,
  ];
}

function cell(value: number | undefined, bold: boolean): string {
  const text = fixed(value ?? null);
  return bold ? `**${text}**` : text;
}
