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
  const colours = [''];
  let below: number | undefined;
  for (const one of series) {
    const own = colour(one.colour);
    const index = drawn.length;
    colours.push(own);
    if (one.kind === 'line') {
      const dash = one.dashed ? { dash: [6, 4] } : {};
      drawn.push({ label: one.label, stroke: own, width: 2, points: { show: false }, ...dash });
      continue;
    }
    // Only what lies between two edges is drawn: the line of one that comes to nothing would hide the one below it.
    const edge = { stroke: 'transparent', points: { show: false } };
    if (one.kind === 'band') {
      colours.push(own);
      drawn.push({ ...edge, label: one.label }, { ...edge, label: `${one.label}, lower` });
      bands.push({ series: [index, index + 1], fill: `${own}40` });
    } else {
      drawn.push({ ...edge, label: one.label, ...(below === undefined ? { fill: `${own}b0` } : {}) });
      if (below !== undefined) bands.push({ series: [index, below], fill: `${own}b0` });
      below = index;
    }
  }
  const axis = { stroke: ink, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
  const marker = (_: UPlot, index: number): string => colours[index] ?? '';
  return {
    width: Math.max(200, at.clientWidth),
    height: HEIGHT,
    series: drawn,
    bands,
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => clock(new Date(tick * 1000))) },
      {
        ...axis,
        size: 64,
        values: (_, ticks) => ticks.map((tick) => (unit === '' ? String(tick) : `${tick} ${unit}`)),
      },
    ],
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
    legend: { live: false, markers: { stroke: marker, fill: marker } },
    cursor: { drag: { x: false, y: false } },
  };
}

/** The time of a day, and at its beginning the day. */
function clock(at: Date): string {
  const [hours, minutes] = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0'));
  return hours === '00' && minutes === '00' ? at.toLocaleDateString() : `${hours}:${minutes}`;
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
