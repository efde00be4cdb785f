import { writeReportFile } from '../../harness/report';
import type { ScoredRow, ScoredRows } from '../rows/scored-rows';
import { coldPercent, functionMean, waste, type PolicyScore } from '../scores/policy-score';
import { frontPlot, type PlottedFront } from './front-plot';

const X = 'waste, millions of GB·s';

/** Writes the fronts of all policies on the first stretch, by calls and by function. @returns Markdown that shows them */
export function policyPlots(file: string, rows: ScoredRows): string[] {
  const readings = [
    { name: 'calls', axis: 'calls cold, %', read: coldPercent },
    { name: 'functions', axis: 'mean over functions of calls cold, %', read: functionMean },
  ];
  return readings.flatMap(({ name, axis, read }) => {
    const title = `${rows.title}, ${rows.stretches[0]?.name ?? ''}`;
    writeReportFile(`${file}-${name}.svg`, frontPlot(title, { x: X, y: axis }, frontsOf(rows, read)));
    return [`![${axis} against waste](${file}-${name}.svg)`, ''];
  });
}

function frontsOf(rows: ScoredRows, read: (score: PolicyScore) => number): PlottedFront[] {
  const families = new Map<string, ScoredRow[]>();
  for (const row of [...rows.presage, ...rows.baselines]) {
    const family = familyOf(row);
    families.set(family, [...(families.get(family) ?? []), row]);
  }
  return [...families].map(([label, members]) => ({
    label,
    points: members
      .flatMap(({ scores: [score] }) => (score ? [{ waste: waste(score), cold: read(score) }] : []))
      .sort((a, b) => a.waste - b.waste),
  }));
}

/** Policies that differ in one number are one line. */
function familyOf({ name, play: { policy, expect } }: ScoredRow): string {
  if (policy.kind === 'oracle') return `oracle: ${policy.how}`;
  return expect === undefined ? policy.kind : name;
}
