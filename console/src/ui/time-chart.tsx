import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { seriesInWords, stacked, type ChartSeries } from './chart-data';

export type { ChartSeries } from './chart-data';

const HEIGHT = 220;
/** Rows of the table behind a chart: more would be read by nobody. */
const TABLE_ROWS = 60;

/** Values over time. For who does not see it there is a sentence for each series, and all numbers in a table. */
export function TimeChart(props: {
  title: string;
  series: readonly ChartSeries[];
  /** Unix milliseconds, ascending. */
  times: readonly number[];
  /** E.g. `ms`; empty for counts. */
  unit: string;
}) {
  const { title, series, times, unit } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const theme = useTheme();
  const shape = JSON.stringify([
    theme,
    unit,
    series.map(({ label, kind, colour, dashed }) => [label, kind, colour, dashed]),
  ]);

  useEffect(() => {
    const at = frame.current;
    if (!at) return;
    const made = new UPlot(optionsOf(series, unit, at), dataOf(series, times), at);
    plot.current = made;
    const sized = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height: HEIGHT }));
    sized.observe(at);
    return () => {
      sized.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Values alone are set below: a new plot for each would flicker.
  }, [shape]);

  useEffect(() => plot.current?.setData(dataOf(series, times)), [series, times]);

  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={frame} aria-hidden="true" class="plot" />
      <details>
        <summary>In numbers</summary>
        <ul>
          {series.map((one) => (
            <li>{seriesInWords(one, unit)}</li>
          ))}
        </ul>
        <div class="table" role="region" aria-label={`${title}, in numbers`} tabIndex={0}>
          <table>
            <caption class="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ label }) => (
                  <th scope="col" class="numeric">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times
                .map((at, index) => ({ at, index }))
                .slice(-TABLE_ROWS)
                .map(({ at, index }) => (
                  <tr key={at}>
                    <th scope="row">{new Date(at).toLocaleTimeString()}</th>
                    {series.map(({ values }) => (
                      <td class="numeric">{cell(values[index])}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function cell(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : String(Number(value.toPrecision(4)));
}

function dataOf(series: readonly ChartSeries[], times: readonly number[]): UPlot.AlignedData {
  const tops = stacked(series);
  const rows = series.flatMap((one, index) => [
    tops[index] ?? [],
    ...(one.kind === 'band' ? [[...(one.low ?? [])]] : []),
  ]);
  return [times.map((at) => at / 1000), ...rows];
}

function optionsOf(series: readonly ChartSeries[], unit: string, at: HTMLElement): UPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [ink, rule] = [colour('--quiet'), colour('--rule')];
  const drawn: UPlot.Series[] = [{}];
  const bands: UPlot.Band[] = [];
  let below: number | undefined;
  for (const one of series) {
    const stroke = colour(one.colour);
    const index = drawn.length;
    const dash = one.dashed ? { dash: [6, 4] } : {};
    if (one.kind === 'band') {
      drawn.push({ label: one.label, stroke: 'transparent' }, { label: `${one.label}, lower`, stroke: 'transparent' });
      bands.push({ series: [index, index + 1], fill: `${stroke}40` });
    } else {
      const area = one.kind === 'area' && below === undefined ? { fill: `${stroke}55` } : {};
      drawn.push({ label: one.label, stroke, width: 2, points: { show: false }, ...dash, ...area });
      if (one.kind === 'area') {
        if (below !== undefined) bands.push({ series: [index, below], fill: `${stroke}55` });
        below = index;
      }
    }
  }
  const axis = { stroke: ink, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
  return {
    width: Math.max(200, at.clientWidth),
    height: HEIGHT,
    series: drawn,
    bands,
    axes: [
      axis,
      {
        ...axis,
        size: 56,
        values: (_, ticks) => ticks.map((tick) => (unit === '' ? String(tick) : `${tick} ${unit}`)),
      },
    ],
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
    legend: { live: false },
    cursor: { drag: { x: false, y: false } },
  };
}

/** Changes when the colours do, so that what is drawn by script follows. */
function useTheme(): string {
  const now = () => getComputedStyle(document.documentElement).getPropertyValue('--paper');
  const [theme, setTheme] = useState(now);
  useEffect(() => {
    const look = () => setTheme(now());
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', look);
    addEventListener('presage:theme', look);
    return () => {
      dark.removeEventListener('change', look);
      removeEventListener('presage:theme', look);
    };
  }, []);
  return theme;
}
