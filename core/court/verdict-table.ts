import type { PolicyVerdict } from './verdict';

type Column = readonly [head: string, cell: (verdict: PolicyVerdict) => string];

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const thousands = (value: number): string => (value / 1000).toFixed(1);

const COLUMNS: readonly Column[] = [
  ['policy', ({ policy }) => policy],
  ['cold', ({ coldShare }) => percent(coldShare)],
  ['of functions', ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.mean)],
  ['p50', ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.p50)],
  ['p75', ({ coldShareOfFunctions }) => percent(coldShareOfFunctions.p75)],
  ['warm', ({ kinds, calls }) => percent(calls === 0 ? 0 : kinds.warm / calls)],
  ['wait p50', ({ waitP50Ms }) => `${waitP50Ms.toFixed(1)} ms`],
  ['wait p99', ({ waitP99Ms }) => `${waitP99Ms.toFixed(1)} ms`],
  ['idle kGB·s', ({ memoryGbSeconds: { running, frozen, starting } }) => thousands(running + frozen + starting)],
  ['images kGB·s', ({ memoryGbSeconds }) => thousands(memoryGbSeconds.images)],
  ['evicted', ({ evicted }) => String(evicted)],
  ['price', ({ price }) => `${(price.total / 1e6).toFixed(2)} $`],
];

/** Verdicts side by side, as lines for a terminal: cold is what found no instance (restores and cold starts). */
export function verdictTable(verdicts: readonly PolicyVerdict[]): string[] {
  const rows = [COLUMNS.map(([head]) => head), ...verdicts.map((verdict) => COLUMNS.map(([, cell]) => cell(verdict)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return [lines[0] ?? '', '-'.repeat((lines[0] ?? '').length), ...lines.slice(1)];
}
