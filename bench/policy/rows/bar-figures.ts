import { figure, type Figure } from '../../harness/report';
import { atWaste, wasteFor } from '../scores/front';
import { coldPercent, functionMean, thirdQuartile, waste, type PolicyScore } from '../scores/policy-score';
import { FIXED_POOLS, HYBRID } from './policy-rows';
import { frontOf, scoreOf, type ScoredRows } from './scored-rows';

const BARS = { cold: 0.1, waste: 0.7, mean: 5.5 } as const;

/** The bars of `presage` on each stretch of days, read off its front; what the front does not reach is left out. */
export function dayFigures(rows: ScoredRows): Figure[] {
  return rows.stretches.flatMap(({ name }, stretch) => {
    const front = frontOf(rows.presage, stretch);
    const hybrid = scoreOf(rows.baselines, HYBRID, stretch);
    const pools = scoreOf(rows.baselines, FIXED_POOLS, stretch);
    const of = figuresOf(`policy.${slug(name)}`, hybrid);
    return [
      ...of('calls-cold-at-hybrid-waste', '%', atWaste(front, waste(hybrid), coldPercent), BARS.cold),
      ...of('waste-to-hybrid-at-its-cold', 'ratio', wasteRatio(front, hybrid, coldPercent), BARS.waste),
      ...of('function-mean-at-fixed-10-waste', '%', atWaste(front, waste(pools), functionMean), BARS.mean),
      ...patternFigures(of, front, hybrid),
    ];
  });
}

/** On hours: as many functions are called once or twice there, the mean is held against the hybrid's own. */
export function hourFigures(rows: ScoredRows, name: string): Figure[] {
  const front = frontOf(rows.presage, 0);
  const hybrid = scoreOf(rows.baselines, HYBRID, 0);
  const of = figuresOf(`policy.${name}`, hybrid);
  return [
    ...of('calls-cold-at-hybrid-waste', '%', atWaste(front, waste(hybrid), coldPercent), BARS.cold),
    ...of('waste-to-hybrid-at-its-cold', 'ratio', wasteRatio(front, hybrid, coldPercent), BARS.waste),
    ...of('function-mean-at-hybrid-waste', '%', atWaste(front, waste(hybrid), functionMean), functionMean(hybrid)),
    ...of('waste-to-hybrid-at-its-function-mean', 'ratio', wasteRatio(front, hybrid, functionMean), BARS.waste),
    ...patternFigures(of, front, hybrid),
  ];
}

type FigureOf = (name: string, unit: string, value: number | null, atMost: number) => Figure[];

function figuresOf(prefix: string, { functions }: PolicyScore): FigureOf {
  return (name, unit, value, atMost) =>
    value === null ? [] : [figure(`${prefix}.${name}`, unit, value, functions.length, { atMost: Number(atMost.toPrecision(4)) })]; // prettier-ignore
}

/** The 75th-percentile function of each pattern at the hybrid's waste, which is to be no worse than the hybrid's. */
function patternFigures(of: FigureOf, front: readonly PolicyScore[], hybrid: PolicyScore): Figure[] {
  const patterns = [...new Set(hybrid.functions.map(({ pattern }) => pattern))].sort();
  return patterns.flatMap((pattern) => {
    const read = (score: PolicyScore): number => thirdQuartile(score, pattern);
    return of(`p75.${slug(pattern)}-at-hybrid-waste`, '%', atWaste(front, waste(hybrid), read), read(hybrid));
  });
}

function wasteRatio(
  front: readonly PolicyScore[],
  hybrid: PolicyScore,
  read: (score: PolicyScore) => number,
): number | null {
  const needed = wasteFor(front, read(hybrid), read);
  return needed === null ? null : needed / waste(hybrid);
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
