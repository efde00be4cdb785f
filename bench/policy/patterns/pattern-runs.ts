import type { ExecutionProfile } from '../../traces/trace-set';
import type { JobScores, Play, PlayJob } from '../play/play-job';
import type { ScoredRow } from '../rows/scored-rows';
import { FIXED_POOLS, HYBRID, priceRow, REACTIVE, type PolicyRow } from '../rows/policy-rows';
import type { SlotSource } from '../slots/slot-functions';
import { fitPattern, type PatternFit } from './fit-pattern';
import { generateFunctions } from './generate-counts';

/** The four patterns of the project's founding document, by the labels of the traces that they are fitted to. */
const PATTERNS = [
  { name: 'diurnal', label: 'diurnal' },
  { name: 'bursty', label: 'bursty' },
  { name: 'seasonal', label: 'weekly' },
  { name: 'random', label: 'random' },
] as const;
const [FUNCTIONS, CALLS_A_DAY, DAYS, WARM_UP_DAYS] = [50, 1_000_000, 7, 1] as const;
const SEED = 17;
const DAY = 86_400;

const PRICES = [60, 240, 960] as const;
const ROWS: readonly PolicyRow[] = [
  { name: REACTIVE, play: play({ kind: 'fixed', minutes: 1 }), known: null },
  { name: FIXED_POOLS, play: play({ kind: 'fixed', minutes: 10 }), known: null },
  { name: HYBRID, play: play({ kind: 'hybrid-histogram', minutes: 240 }), known: null },
  ...PRICES.map((price) => priceRow({ kind: 'presage' }, price)),
];

/** One pattern to be played. */
export interface PatternRun {
  readonly name: string;
  readonly fit: PatternFit;
  readonly functions: number;
  readonly job: PlayJob;
}

/** A pattern with what the policies reached on it. */
export interface PatternScores extends PatternRun {
  readonly rows: readonly ScoredRow[];
}

/**
 * Runs over generated functions of each pattern that the sources have.
 * @param every so many-th function only: the traffic of all falls with it, that of each function does not
 */
export function patternRuns(sources: readonly SlotSource[], every: number): PatternRun[] {
  const profiles: ExecutionProfile[] = sources.map(({ p50Ms, p99Ms, memoryMb }) => ({ p50Ms, p99Ms, memoryMb }));
  return PATTERNS.flatMap(({ name, label }, index) => {
    const real = sources.filter(({ pattern }) => pattern === label).map(({ counts }) => counts);
    if (real.length === 0) return [];
    const fit = fitPattern(real, name === 'bursty');
    const plan = { functions: FUNCTIONS, callsADay: CALLS_A_DAY, days: DAYS, seed: SEED + index };
    const generated = generateFunctions(name, fit, profiles, plan).filter((_, at) => at % every === every >> 1);
    const job = {
      functions: { generated },
      plays: ROWS.map(({ play: each }) => each),
      scored: [{ from: WARM_UP_DAYS * DAY, to: DAYS * DAY }],
    };
    return [{ name, fit, functions: generated.length, job }];
  });
}

/** @param scores of the runs' jobs */
export function patternScores(runs: readonly PatternRun[], scores: readonly JobScores[]): PatternScores[] {
  return runs.map((run, index) => ({
    ...run,
    rows: ROWS.map((row, at) => ({ ...row, scores: scores[index]?.[at] ?? [] })),
  }));
}

function play(policy: Play['policy']): Play {
  return { policy, pricing: { per: 'start', gbSeconds: PRICES[1] } };
}
