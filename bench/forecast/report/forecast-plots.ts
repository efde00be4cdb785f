import { bandPlot } from '../../harness/band-plot';
import { writeReportFile } from '../../harness/report';
import { sharePlot } from '../../harness/share-plot';
import type { Point } from '../../harness/trend';
import { QUANTILE_LEVELS } from '../bench-model';
import type { ForecastTable } from '../forecast-table';
import { HYBRID } from '../models';
import type { ScoredRow } from '../scored-row';
import { STEPS, type TestPart } from '../test-part';

/** Bars beyond this are those of forecasts that nobody would use. */
const MOST_WAPE = 0.6;
/** Minutes of the test part's end that are drawn. */
const SHOWN = 480;

/** Writes the plots of the report. @returns lines of Markdown that show them */
export function forecastPlots(part: TestPart, rows: readonly ScoredRow[], hybrid: ForecastTable | null): string[] {
  const bars = rows.flatMap(({ name, all }) => (all.wape === null ? [] : [{ label: name, value: all.wape, marked: name === HYBRID }])); // prettier-ignore
  const sorted = bars.sort((a, b) => a.value - b.value);
  const plots: [file: string, text: string, svg: string][] = [
    ['forecast-wape.svg', 'WAPE by model', sharePlot(`WAPE by model (cut at ${MOST_WAPE})`, sorted, MOST_WAPE)],
  ];
  if (hybrid) plots.push(['forecast-example.svg', 'One function', examplePlot(part, hybrid)]);
  if (hybrid?.quantiles) {
    plots.push(['forecast-calibration.svg', 'Calibration', calibrationPlot(part.actual, hybrid.quantiles)]);
  }
  for (const [file, , svg] of plots) writeReportFile(file, svg);
  return plots.map(([file, text]) => `![${text}](${file})`);
}

/** The last hours of the function with the most requests among those that are not steady: a flat line shows little. */
function examplePlot(part: TestPart, table: ForecastTable): string {
  const { functions, origins, trainEnd } = part;
  const minutes = origins.length * STEPS;
  const requests = (place: number): number =>
    part.actual.subarray(place * minutes, (place + 1) * minutes).reduce((sum, count) => sum + count, 0);
  const places = [...functions.keys()];
  const lively = places.filter((place) => functions[place]?.pattern !== 'steady');
  const shown = (lively.length > 0 ? lively : places).reduce((a, b) => (requests(b) > requests(a) ? b : a));
  const from = Math.max(0, minutes - SHOWN);
  const points = (values: Float64Array): Point[] =>
    Array.from({ length: minutes - from }, (_, index) => ({
      at: trainEnd + from + index,
      value: values[shown * minutes + from + index] as number,
    }));
  const { quantiles } = table;
  const level = (q: (typeof QUANTILE_LEVELS)[number]): Point[] =>
    points(quantiles?.[QUANTILE_LEVELS.indexOf(q)] ?? table.point);
  return bandPlot(
    `${functions[shown]?.id} (${functions[shown]?.pattern}): forecasts made every ${STEPS} minutes`,
    { x: 'minute of the trace', y: 'requests a minute' },
    quantiles ? { label: '90 % interval', low: level(0.05), high: level(0.95) } : null,
    [
      { label: 'came', points: points(part.actual) },
      { label: 'forecast', points: points(table.point) },
    ],
  );
}

/** For each level the share of minutes at or below its quantile, and how it should be. */
function calibrationPlot(actual: Float64Array, quantiles: readonly Float64Array[]): string {
  const share = (quantile: Float64Array): number =>
    actual.reduce((below, count, index) => below + (count <= (quantile[index] as number) ? 1 : 0), 0) / actual.length;
  const levels: readonly number[] = QUANTILE_LEVELS;
  return bandPlot(
    'Calibration of the quantiles (counts are whole: more lies at or below a quantile than its level)',
    { x: 'level', y: 'share at or below' },
    null,
    [
      { label: 'as it should be', points: levels.map((level) => ({ at: level, value: level })) },
      { label: HYBRID, points: quantiles.map((values, index) => ({ at: levels[index] as number, value: share(values) })) }, // prettier-ignore
    ],
  );
}
