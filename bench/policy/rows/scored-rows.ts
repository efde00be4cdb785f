import type { JobScores, PlayJob } from '../play/play-job';
import type { PolicyScore } from '../scores/policy-score';
import type { Scored } from '../slots/slot-outcome';
import type { PolicyRow } from './policy-rows';

/** Rows with what they reached on one set, for each stretch that is scored. */
export interface ScoredRows {
  readonly title: string;
  readonly stretches: readonly Stretch[];
  readonly baselines: readonly ScoredRow[];
  /** At rising prices. */
  readonly presage: readonly ScoredRow[];
}

export interface ScoredRow extends PolicyRow {
  readonly scores: readonly PolicyScore[];
}

/** A stretch of time that is scored. */
export interface Stretch extends Scored {
  readonly name: string;
}

/** A job for each row: they are of very different length. */
export function rowJobs(set: string, rows: readonly PolicyRow[], scored: readonly Scored[]): PlayJob[] {
  return rows.map(({ play }) => ({ functions: { set }, plays: [play], scored }));
}

/** @param scores of the jobs of `rowJobs` */
export function withScores(rows: readonly PolicyRow[], scores: readonly JobScores[]): ScoredRow[] {
  return rows.map((row, index) => ({ ...row, scores: scores[index]?.[0] ?? [] }));
}

/** The scores of a row by its name on one stretch. @throws RangeError where there is no such row */
export function scoreOf(rows: readonly ScoredRow[], name: string, stretch: number): PolicyScore {
  const score = rows.find((row) => row.name === name)?.scores[stretch];
  if (!score) throw new RangeError(`There is no row "${name}"`);
  return score;
}

/** The front of priced rows on one stretch. */
export function frontOf(rows: readonly ScoredRow[], stretch: number): PolicyScore[] {
  return rows.flatMap(({ scores }) => scores[stretch] ?? []);
}
