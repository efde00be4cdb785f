import { markdownTable } from '../../harness/markdown-table';
import type { PatternScores } from '../patterns/pattern-runs';
import { FIXED_POOLS, REACTIVE } from '../rows/policy-rows';
import { scoreOf, type ScoredRow, type ScoredRows } from '../rows/scored-rows';
import { coldPercent, functionMean, typicalP99, type PolicyScore } from '../scores/policy-score';

/** What the founding document says: cold %, p99 in ms, dollars a day. */
const CLAIMS = { reactive: [65, 2_800, 100], fixed: [35, 1_200, 180], predictive: [8, 180, 110] } as const;
/** Its predictive warming is a tenth dearer than its reactive one. */
const DEARER = 1.1;

const HEAD = [
  '',
  'cold, % of calls',
  'cold, mean of functions %',
  'p99 of all calls, ms',
  'p99 of the median function, ms',
  'price (reactive = 100)',
  'rests only',
  'claimed: cold %',
  'p99, ms',
  'price',
];

/** The document's table of reactive starts, fixed pools and predictive warming, as measured. */
export function seedSection(rows: ScoredRows): string[] {
  return [
    '## Reactive, fixed, predictive',
    '',
    "The table of the project's founding document. Reactive: instances end a minute after their last use. Fixed pools: ten minutes. Predictive: `presage`, at the price nearest to 1.1 times that of reactive, and at the one nearest to that of fixed pools. Latency is wait and execution; on these traces the execution is the most of it. Price: memory-time of calls and rests together, then of rests alone.",
    '',
    ...seedTable(rows.baselines, rows.presage),
    '',
  ];
}

/** The same for the four generated patterns, and how they were fitted. */
export function patternSection(patterns: readonly PatternScores[], every: number): string[] {
  if (patterns.length === 0) return [];
  return [
    '## The four patterns',
    '',
    `Generated from a seed: 7 days, 50 functions, a million requests a day${every === 1 ? '' : `, of which each ${every}th function is played`}; the first day warms up. Fitted to the real functions of the same label (seasonal: those labelled weekly): the traffic in each hour of the week is the mean of theirs; their rates, from the rarest to the busiest at even distances, scaled to the million; what an hour has beyond, lognormal with the spread of theirs that Poisson arrivals do not explain; bursts (calls with less than ten quiet minutes between them) with lognormal spacing, length and level as theirs. Minutes are Poisson. Execution times and memory are drawn from real functions. The real functions are capped at 8 calls a minute by their source: the scaled ones have their shape, not their cap.`,
    '',
    ...patterns.flatMap(({ name, fit, functions, rows }) => [
      `### ${name}`,
      '',
      `Fitted to ${fit.functions} functions, ${functions} played. Spread of the hours (standard deviation of the logarithm) ${fit.hourSigma.toFixed(2)}; the busiest hour of the week has ${Math.max(...fit.week).toFixed(1)} times the mean.${burstText(fit.bursts)}`,
      '',
      ...seedTable(
        rows,
        rows.filter(({ play }) => play.policy.kind === 'presage'),
        true,
      ),
      '',
    ]),
  ];
}

function burstText(bursts: PatternScores['fit']['bursts']): string {
  if (!bursts) return '';
  const { spacing, duration, level } = bursts;
  const minutes = (each: typeof spacing): string =>
    `${Math.exp(each.mean).toFixed(1)} min (σ ${each.sigma.toFixed(2)})`;
  return ` Bursts: median spacing ${minutes(spacing)}, length ${minutes(duration)}, σ of the level ${level.sigma.toFixed(2)}.`;
}

function seedTable(baselines: readonly ScoredRow[], presage: readonly ScoredRow[], all = false): string[] {
  const reactive = scoreOf(baselines, REACTIVE, 0);
  const fixed = scoreOf(baselines, FIXED_POOLS, 0);
  const line = (name: string, score: PolicyScore, claims: readonly (number | string)[]): string[] => [
    name,
    coldPercent(score).toFixed(3),
    functionMean(score).toFixed(2),
    (1_000 * score.p99Seconds).toFixed(0),
    (1_000 * typicalP99(score)).toFixed(0),
    ((100 * priceOf(score)) / priceOf(reactive)).toFixed(0),
    ((100 * score.heldGbSeconds) / reactive.heldGbSeconds).toFixed(0),
    ...claims.map(String),
  ];
  const chosen = all ? presage : [nearest(presage, DEARER * priceOf(reactive)), nearest(presage, priceOf(fixed))];
  const others = all ? baselines.filter((row) => !presage.includes(row) && ![REACTIVE, FIXED_POOLS].includes(row.name)) : []; // prettier-ignore
  return markdownTable(HEAD, [
    line(`reactive: ${REACTIVE}`, reactive, CLAIMS.reactive),
    line(`fixed pools: ${FIXED_POOLS}`, fixed, CLAIMS.fixed),
    ...chosen.flatMap((row) =>
      row?.scores[0] ? [line(`predictive: ${row.name}`, row.scores[0], CLAIMS.predictive)] : [],
    ),
    ...others.flatMap(({ name, scores: [score] }) => (score ? [line(name, score, ['', '', ''])] : [])),
  ]);
}

function nearest(rows: readonly ScoredRow[], price: number): ScoredRow | undefined {
  const off = ({ scores: [score] }: ScoredRow): number => Math.abs((score ? priceOf(score) : Infinity) - price);
  return rows.reduce<ScoredRow | undefined>((best, row) => (best && off(best) <= off(row) ? best : row), undefined);
}

function priceOf({ heldGbSeconds, busyGbSeconds }: PolicyScore): number {
  return heldGbSeconds + busyGbSeconds;
}
