import { figure, type Figure } from '../../harness/report';
import { HYBRID } from '../models';
import type { SeriesResult } from '../series-results';
import { bestMember } from './score-table';
import type { ScoredRow } from '../scored-row';

/** How much worse than the best single member the hybrid may be in a class. */
const SLACK = 1.02;

/** The hybrid's figures with their bars, then what every other row reached beside it. */
export function forecastFigures(rows: readonly ScoredRow[]): Figure[] {
  const hybrid = rows.find(({ name }) => name === HYBRID);
  return [...(hybrid ? [...barsOf(hybrid), ...barsOfClasses(rows, hybrid)] : []), ...rows.filter((row) => row !== hybrid).flatMap(anchorsOf)]; // prettier-ignore
}

function barsOf({ all, cpuMsPerFunction, bytesPerFunction }: ScoredRow): Figure[] {
  const { functions, mape10Functions } = all;
  const of = (name: string, value: number | null, bar?: { atMost?: number; atLeast?: number }): Figure[] =>
    value === null ? [] : [figure(`forecast.${HYBRID}.${name}`, 'ratio', value, functions, bar)];
  return [
    ...of('wape', all.wape, { atMost: 0.23 }),
    ...(all.mape10 === null ? [] : [figure(`forecast.${HYBRID}.mape10`, '%', 100 * all.mape10, mape10Functions, { atMost: 12 })]), // prettier-ignore
    ...of('r2', all.rSquared, { atLeast: 0.85 }),
    ...of('r2.median', all.rSquaredMedian, { atLeast: 0.35 }),
    ...of('spikes.recall', all.spikeRecall, { atLeast: 0.6 }),
    ...of('spikes.precision', all.spikePrecision, { atLeast: 0.5 }),
    ...of('coverage90.low', all.coverage90, { atLeast: 0.87 }),
    ...of('coverage90.high', all.coverage90, { atMost: 0.93 }),
    figure(`forecast.${HYBRID}.cpu`, 'ms a function', cpuMsPerFunction, functions),
    figure(`forecast.${HYBRID}.memory`, 'KiB a function', bytesPerFunction / 1024, functions),
  ];
}

/** WAPE of the hybrid to that of the best single member, for each pattern. */
function barsOfClasses(rows: readonly ScoredRow[], hybrid: ScoredRow): Figure[] {
  return [...hybrid.patterns].flatMap(([pattern, { wape, functions }]) => {
    const best = bestMember(rows, 'patterns', pattern)?.patterns.get(pattern)?.wape;
    if (wape === null || !best) return [];
    return [figure(`forecast.${HYBRID}.${pattern}.to-best-member`, 'ratio', wape / best, functions, { atMost: SLACK })];
  });
}

function anchorsOf({ name, all }: ScoredRow): Figure[] {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, ''); // prettier-ignore
  const of = (measure: string, unit: string, value: number | null): Figure[] =>
    value === null ? [] : [figure(`forecast.${slug}.${measure}`, unit, value, all.functions)];
  return [
    ...of('wape', 'ratio', all.wape),
    ...of('mape10', '%', all.mape10 === null ? null : 100 * all.mape10),
    ...of('r2', 'ratio', all.rSquared),
  ];
}

/** WAPE of the hybrid on each series to that of the best it is held against. */
export function seriesFigures(results: readonly SeriesResult[]): Figure[] {
  return results.flatMap(({ id, binMinutes, errors, rival }) => {
    const [ours, best] = [errors.get(HYBRID), rival === null ? undefined : errors.get(rival)];
    if (ours === undefined || !best) return [];
    return [figure(`forecast.series.${id}.${binMinutes}min.to-best`, 'ratio', ours / best, 1, { atMost: 1 })];
  });
}
