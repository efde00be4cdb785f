import { CaseTerms } from '../../core/placement/case-terms';
import { costBreakdown } from '../../core/placement/cost-breakdown';
import { PartModel } from '../../core/placement/solvers/part-model';
import { violationsOf } from '../../core/placement/violations';
import { HighsSolver } from '../../drivers/solver/highs/highs-solver';
import { figure, writeReportFile, type Figure } from '../harness/report';
import { markdownTable } from '../harness/markdown-table';
import { sharePlot } from '../harness/share-plot';
import { quantile } from '../harness/statistics';
import { fourRegions } from './four-regions';
import { OWN, SOLVERS, timed } from './solvers';

const PROOF_SECONDS = 300;
const PROOF_GAP = 1e-6;
const [MEAN_BAR, WORST_BAR] = [0.5, 2];
const PLOT_MOST = 120;

/** How one solver did over all seeds. Gaps in percent above the optimum, of its feasible placements alone. */
interface SolverGaps {
  readonly name: string;
  readonly gaps: number[];
  /** Of the others: what breaks a constraint may cost less than the optimum. */
  readonly brokenGaps: number[];
  infeasible: number;
  readonly ms: number[];
}

export interface GapStudy {
  readonly figures: Figure[];
  readonly sections: string[];
}

/**
 * Every solver against the proven optimum on the scenario of four regions, calls between functions included.
 * @param load see `fourRegions`
 */
export async function gapStudy(seeds: readonly number[], load: number, log: (text: string) => void): Promise<GapStudy> {
  const exact = new HighsSolver();
  const results: SolverGaps[] = SOLVERS.map(({ name }) => ({ name, gaps: [], brokenGaps: [], infeasible: 0, ms: [] }));
  const proofs: number[] = [];
  let [unproven, better] = [0, 0];
  for (const seed of seeds) {
    const problem = fourRegions(seed, load);
    const terms = new CaseTerms(problem);
    const begun = performance.now();
    const optimum = await exact.solve(new PartModel(terms), { seconds: PROOF_SECONDS, gap: PROOF_GAP });
    proofs.push(performance.now() - begun);
    if (optimum.status !== 'optimal') unproven++;
    SOLVERS.forEach((solver, index) => {
      const { placement, ms } = timed(solver, problem, seed);
      const result = results[index]!;
      result.ms.push(ms);
      const gap = 100 * (costBreakdown(problem, placement, terms).total / optimum.cost - 1);
      const broken = violationsOf(problem, placement, terms).length > 0;
      if (broken) result.infeasible++;
      (broken ? result.brokenGaps : result.gaps).push(gap);
    });
    const own = results.at(-1)!.gaps.at(-1);
    if (own !== undefined && own < -1e-4) better++;
    log(
      `seed ${seed}: ${optimum.status} in ${(proofs.at(-1)! / 1000).toFixed(1)} s, ours ${own?.toFixed(3) ?? 'infeasible'} % above`,
    );
  }
  writeReportFile('placement-gap.svg', plotOf(results));
  return {
    figures: figuresOf(results, seeds.length, unproven, better),
    sections: sectionsOf(results, proofs, load, seeds),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function figuresOf(results: readonly SolverGaps[], seeds: number, unproven: number, better: number): Figure[] {
  const own = results.find(({ name }) => name === OWN.name)!;
  const others = results.filter((result) => result !== own && result.gaps.length > 0);
  return [
    figure('placement.gap.mean', '% above the optimum', mean(own.gaps), seeds, { atMost: MEAN_BAR }),
    figure('placement.gap.worst', '% above the optimum', Math.max(...own.gaps), seeds, { atMost: WORST_BAR }),
    figure('placement.gap.infeasible', 'placements', own.infeasible, seeds, { atMost: 0 }),
    figure('placement.gap.without-proof', 'optima', unproven, seeds, { atMost: 0 }),
    figure('placement.gap.below-the-optimum', 'placements', better, seeds, { atMost: 0 }),
    ...others.map(({ name, gaps }) =>
      figure(`placement.gap.${name}.mean`, '% above the optimum', mean(gaps), gaps.length),
    ),
    ...results
      .filter((result) => result !== own && result.infeasible > 0)
      .map(({ name, infeasible }) => figure(`placement.gap.${name}.infeasible`, 'placements', infeasible, seeds)),
  ];
}

function sectionsOf(
  results: readonly SolverGaps[],
  proofs: readonly number[],
  load: number,
  seeds: readonly number[],
): string[] {
  const rows = results.map(({ name, gaps, brokenGaps, infeasible, ms }) => [
    name,
    gaps.length > 0 ? mean(gaps).toFixed(2) : '',
    gaps.length > 0 ? Math.max(...gaps).toFixed(2) : '',
    String(infeasible),
    brokenGaps.length > 0 ? mean(brokenGaps).toFixed(2) : '',
    quantile(ms, 0.5).toFixed(1),
  ]);
  return [
    '## Above the optimum',
    '',
    `50 functions on 14 nodes in four regions with 60 calls between functions (\`bench/placement/four-regions.ts\`), load ${load}, seeds ${seeds[0]} to ${seeds.at(-1)}. The optimum is proven by HiGHS ` +
      `with the calls linearised, in ${(quantile(proofs, 0.5) / 1000).toFixed(1)} s in the middle and ${(Math.max(...proofs) / 1000).toFixed(1)} s at most. Gaps are of feasible placements alone.`,
    '',
    ...markdownTable(['solver', 'mean %', 'worst %', 'infeasible', 'mean % of these', 'ms'], rows),
    '',
    '![cost above the optimum](placement-gap.svg)',
    '',
  ];
}

function plotOf(results: readonly SolverGaps[]): string {
  const bars = results.map(({ name, gaps }) => ({
    label: name,
    value: Math.max(0, mean(gaps) || 0),
    marked: name === OWN.name,
  }));
  return sharePlot('Cost above the proven optimum, mean in %', bars, PLOT_MOST);
}
