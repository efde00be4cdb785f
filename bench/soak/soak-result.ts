import type { BenchResult } from '../bench';
import { linePlot } from '../harness/line-plot';
import { figure, writeReportFile } from '../harness/report';
import { quantile } from '../harness/statistics';
import { growthOfLastHalf, type Point } from '../harness/trend';
import type { MixedOutcome } from '../mixed/mixed-outcome';
import type { ProcessSample } from './process-sample';

const GROWTH_BAR_PERCENT = 5;
/** The last quarter's p99 may be this many times the second's: what a busy machine does to equal quarters is below it. */
const FLAT_BAR = 1.25;
const MIB = 2 ** 20;

/** All that was seen in one run. Moments are minutes after it had settled. */
export interface SoakRun {
  readonly samples: readonly ProcessSample[];
  /** 99th percentile of each period's event loop delays, ms, of each process that has such a loop. */
  readonly delays: ReadonlyMap<string, readonly Point[]>;
  readonly outcomes: readonly MixedOutcome[];
  /** Components whose process was another one at the end. */
  readonly restarted: readonly string[];
}

/** Figures of the bars, plots, and how they were come by. */
export function soakResult({ samples, delays, outcomes, restarted }: SoakRun): BenchResult {
  const names = [...new Set(samples.map(({ component }) => component))];
  const series = (name: string, of: (sample: ProcessSample) => number): Point[] =>
    samples.filter(({ component }) => component === name).map((sample) => ({ at: sample.at, value: of(sample) }));
  const memory = names.map((label) => ({ label, points: series(label, ({ bytes }) => bytes / MIB) }));
  const descriptors = names.map((label) => ({ label, points: series(label, (sample) => sample.descriptors) }));
  const plain = outcomes.flatMap(({ kind, begun, firstByteMs, executeMs }) =>
    kind === 'plain' && firstByteMs !== null ? [{ at: begun, value: firstByteMs - executeMs }] : [],
  );
  const end = plain.reduce((last, { at }) => Math.max(last, at), 0);
  const p99Of = (from: number, to: number): number => {
    const values = plain.filter(({ at }) => at >= from * end && at < to * end).map(({ value }) => value);
    return values.length === 0 ? NaN : quantile(values, 0.99);
  };
  const [second, last] = [p99Of(0.25, 0.5), p99Of(0.75, 1.01)];
  const failed = outcomes.filter(({ failure }) => failure !== null).length;
  const grew = (what: string, lines: typeof memory) =>
    lines.map(({ label, points }) =>
      figure(`soak.${what}.growth.${label}`, '%', growthOfLastHalf(points) * 100, points.length, {
        atMost: GROWTH_BAR_PERCENT,
      }),
    );
  const plots = [
    ['memory', linePlot('Memory', 'MiB', memory)],
    ['descriptors', linePlot('Open descriptors', 'number', descriptors)],
    ['loops', linePlot('Event loop delay, p99 of 10 s', 'ms', [...delays].map(([label, points]) => ({ label, points })))],
    ['latency', linePlot('First byte of plain requests beyond what the function took, p50 and p99 of each minute', 'ms', latencyLines(plain))],
  ] as const; // prettier-ignore
  for (const [name, svg] of plots) writeReportFile(`soak-${name}.svg`, svg);
  return {
    figures: [
      ...grew('memory', memory),
      ...grew('descriptors', descriptors),
      figure('soak.p99.lastToSecondQuarter', '×', last / second, plain.length, { atMost: FLAT_BAR }),
      figure('soak.p99.lastQuarter', 'ms', last, plain.length),
      figure('soak.requests', 'requests', outcomes.length, outcomes.length),
      figure('soak.failed', 'requests', failed, outcomes.length, { atMost: 0 }),
      figure('soak.restarted', 'components', restarted.length, names.length, { atMost: 0 }),
      ...[...delays].map(([name, points]) => {
        const values = points.map(({ value }) => value);
        return figure(`soak.loopDelay.p99.${name}`, 'ms', quantile(values, 0.5), points.length);
      }),
    ],
    sections: [
      'Growth: a straight line is fitted by least squares to the samples of the last half; its end against its beginning. Memory is the proportional share of what is in RAM (PSS), of PostgreSQL with all its processes. Latency is what a plain request took to its first byte beyond what its function was asked to take. The delay of an event loop is the median over the run of the 99th percentile of each 10 s.',
      '',
      ...plots.map(([name]) => `![${name}](soak-${name}.svg)`),
    ],
  };
}

function latencyLines(points: readonly Point[]): { label: string; points: Point[] }[] {
  const minutes = new Map<number, number[]>();
  for (const { at, value } of points) minutes.set(Math.floor(at), [...(minutes.get(Math.floor(at)) ?? []), value]);
  const line = (label: string, q: number) => ({
    label,
    points: [...minutes].sort(([a], [b]) => a - b).map(([at, values]) => ({ at, value: quantile(values, q) })),
  });
  return [line('p50', 0.5), line('p99', 0.99)];
}
