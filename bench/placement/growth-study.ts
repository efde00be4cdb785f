import { violationsOf } from '../../core/placement/violations';
import { barPlot, type PlotBar } from '../harness/bar-plot';
import { markdownTable } from '../harness/markdown-table';
import { figure, writeReportFile, type Figure } from '../harness/report';
import { quantile } from '../harness/statistics';
import type { Popularity } from './popularity';
import { realApps } from './real-apps';
import { OWN, timed } from './solvers';

/** Functions and nodes, and what solving may take at most, in ms. */
export interface Size {
  readonly functions: number;
  readonly nodes: number;
  readonly mostMs: number | null;
}

export const SIZES: readonly Size[] = [
  { functions: 50, nodes: 14, mostMs: 50 },
  { functions: 100, nodes: 20, mostMs: null },
  { functions: 200, nodes: 30, mostMs: null },
  { functions: 500, nodes: 60, mostMs: 1_000 },
  { functions: 1_000, nodes: 80, mostMs: null },
  { functions: 2_000, nodes: 100, mostMs: 5_000 },
];

export interface GrowthStudy {
  readonly figures: Figure[];
  readonly sections: string[];
}

/** How solving grows with the case: the whole way from a case to a placement, one thread, each size on several seeds. */
export function growthStudy(
  sizes: readonly Size[],
  rounds: number,
  popularity: Popularity,
  log: (text: string) => void,
): GrowthStudy {
  const results = sizes.map((size) => ({ size, ...measure(size, rounds, popularity) }));
  for (const { size, ms } of results) {
    log(
      `${size.functions} × ${size.nodes}: ${quantile(ms, 0.5).toFixed(0)} ms, at most ${Math.max(...ms).toFixed(0)} ms`,
    );
  }
  const bars: PlotBar[] = results.map(({ size, cpuMs }) => ({
    label: `${size.functions} × ${size.nodes}`,
    p50: quantile(cpuMs, 0.5),
    p99: Math.max(...cpuMs),
  }));
  writeReportFile('placement-time.svg', barPlot('CPU time to solve, median and slowest, ms', bars));
  return {
    figures: results.flatMap(({ size, cpuMs, infeasible }) => {
      const name = `placement.time.${size.functions}x${size.nodes}`;
      return [
        figure(name, 'ms of CPU', quantile(cpuMs, 0.5), rounds, size.mostMs === null ? {} : { atMost: size.mostMs }),
        ...(infeasible > 0 ? [figure(`${name}.infeasible`, 'placements', infeasible, rounds, { atMost: 0 })] : []),
      ];
    }),
    sections: [
      '## Growth',
      '',
      `From a case to a placement, replicas included, one thread; ${rounds} seeds each, after one that is not counted. CPU counts the compiler and the collector of garbage too; the clock stands for a machine that does other things as well.`,
      '',
      ...markdownTable(
        ['functions × nodes', 'CPU ms, median', 'slowest', 'by the clock, median', 'slowest', 'infeasible'],
        results.map(({ size, ms, cpuMs, infeasible }) => [
          `${size.functions} × ${size.nodes}`,
          quantile(cpuMs, 0.5).toFixed(0),
          Math.max(...cpuMs).toFixed(0),
          quantile(ms, 0.5).toFixed(0),
          Math.max(...ms).toFixed(0),
          String(infeasible),
        ]),
      ),
      '',
      '![time to solve](placement-time.svg)',
      '',
    ],
  };
}

function measure(
  { functions, nodes }: Size,
  rounds: number,
  popularity: Popularity,
): { ms: number[]; cpuMs: number[]; infeasible: number } {
  const [all, cpuMs]: number[][] = [[], []];
  let infeasible = 0;
  timed(OWN, realApps({ functions, nodes, seed: rounds + 1, popularity }), 1);
  for (let seed = 1; seed <= rounds; seed++) {
    const problem = realApps({ functions, nodes, seed, popularity });
    const before = process.cpuUsage();
    const { placement, ms } = timed(OWN, problem, seed);
    const { user, system } = process.cpuUsage(before);
    all!.push(ms);
    cpuMs!.push((user + system) / 1000);
    if (violationsOf(problem, placement).length > 0) infeasible++;
  }
  return { ms: all!, cpuMs: cpuMs!, infeasible };
}
