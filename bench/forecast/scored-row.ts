import type { ForecastTable } from './forecast-table';
import type { Role } from './models';
import { scoresOf, type Scores } from './scores';
import type { TestPart } from './test-part';

/** What one model reached on a test part, for all functions and for each class of them. */
export interface ScoredRow {
  readonly name: string;
  readonly role: Role | 'anchor' | 'floor';
  readonly all: Scores;
  /** By tier, by pattern. */
  readonly tiers: ReadonlyMap<string, Scores>;
  readonly patterns: ReadonlyMap<string, Scores>;
  readonly cpuMsPerFunction: number;
  readonly bytesPerFunction: number;
  /** Taken from an earlier run: times are those of that run. */
  readonly cached: boolean;
}

const UNDEFINED: Scores = {
  functions: 0,
  requests: 0,
  wape: null,
  wape10: null,
  mase: null,
  rmse: null,
  rSquared: null,
  rSquaredMedian: null,
  mape10: null,
  mape10Median: null,
  mape10Functions: 0,
  mape10ZeroShare: 0,
  pinball: null,
  coverage90: null,
  spikeRecall: null,
  spikePrecision: null,
  falseAlarms: null,
  brier: null,
  correlation: null,
};

/** What a row needs beyond its scores. */
export type RowFacts = Pick<ScoredRow, 'name' | 'role' | 'cpuMsPerFunction' | 'bytesPerFunction' | 'cached'>;

export function scoredRow(part: TestPart, table: ForecastTable, facts: RowFacts): ScoredRow {
  return scoredWith(part, facts, (places) => scoresOf(part, table, places));
}

/** A row with the measures that there are; the others are not defined. */
export function scoredWith(
  part: TestPart,
  facts: RowFacts,
  scores: (places: readonly number[]) => Partial<Scores>,
): ScoredRow {
  const scored = (places: readonly number[]): Scores => ({ ...UNDEFINED, functions: places.length, ...scores(places) });
  const classes = (by: 'tier' | 'pattern'): Map<string, Scores> =>
    new Map([...classesOf(part, by)].map(([name, places]) => [name, scored(places)]));
  return { ...facts, all: scored([...part.functions.keys()]), tiers: classes('tier'), patterns: classes('pattern') };
}

/** Places of the functions of each tier or pattern, by name. */
export function classesOf(part: TestPart, by: 'tier' | 'pattern'): Map<string, number[]> {
  const classes = new Map<string, number[]>();
  part.functions.forEach((item, place) => classes.set(item[by], [...(classes.get(item[by]) ?? []), place]));
  return new Map([...classes].sort(([a], [b]) => a.localeCompare(b)));
}
