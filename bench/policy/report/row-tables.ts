import { markdownTable } from '../../harness/markdown-table';
import type { ScoredRow, ScoredRows } from '../rows/scored-rows';
import { alwaysCold, coldPercent, functionMean, thirdQuartile, waste, type PolicyScore } from '../scores/policy-score';

/** Tables of all policies: on the first stretch with what the reference has beside it, on the others without. */
export function rowSections(rows: ScoredRows): string[] {
  const all = [...rows.baselines, ...rows.presage];
  return rows.stretches.flatMap(({ name, from, to }, stretch) => {
    const calls = all[0]?.scores[stretch]?.calls ?? 0;
    const functions = all[0]?.scores[stretch]?.functions.length ?? 0;
    return [
      `### ${rows.title}: ${name}`,
      '',
      `Seconds ${from} to ${to}: ${calls} calls of ${functions} functions.${knownAt(all, stretch) ? ' In brackets: the reference implementation.' : ''}`,
      '',
      ...rowTable(all, stretch),
      '',
    ];
  });
}

function rowTable(rows: readonly ScoredRow[], stretch: number): string[] {
  const head = [
    'policy',
    'cold, % of calls',
    'mean of functions %',
    '75th percentile %',
    'always cold %',
    'waste, M GB·s',
  ];
  const known = knownAt(rows, stretch);
  return markdownTable(
    head,
    rows.flatMap((row) => {
      const score = row.scores[stretch];
      if (!score) return [];
      return [[row.name, ...cells(score).map((cell, at) => cell + (known ? bracketed(row.known?.[at]) : ''))]];
    }),
  );
}

/** The reference has scored the first stretch. */
function knownAt(rows: readonly ScoredRow[], stretch: number): boolean {
  return stretch === 0 && rows.some((row) => row.known !== null);
}

function cells(score: PolicyScore): string[] {
  return [
    coldPercent(score).toFixed(3),
    functionMean(score).toFixed(2),
    thirdQuartile(score).toFixed(2),
    alwaysCold(score).toFixed(1),
    waste(score).toFixed(waste(score) < 10 ? 3 : 2),
  ];
}

function bracketed(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : ` (${value})`;
}
