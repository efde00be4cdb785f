import { markdownTable } from '../../harness/markdown-table';
import type { ScoredRow } from '../scored-row';

/** Rows as a Markdown table of all measures, over all functions of the part. */
export function scoreTable(rows: readonly ScoredRow[]): string[] {
  const head = [
    ...[
      'model',
      'WAPE',
      'WAPE 10 min',
      'MASE',
      'RMSE',
      'R² pooled / median',
      'MAPE10 mean / median',
      'spikes found @ right',
    ],
    ...['false alarms', '90 % covers', 'pinball', 'Brier', 'correlation', 'CPU ms a function', 'KiB a function'],
  ];
  const lines = rows.map(({ name, role, all, cpuMsPerFunction, bytesPerFunction, cached }) => [
    cached ? `${name} ¹` : name,
    fixed(all.wape),
    fixed(all.wape10),
    fixed(all.mase, 2),
    fixed(all.rmse),
    `${fixed(all.rSquared)} / ${fixed(all.rSquaredMedian, 2)}`,
    `${percent(all.mape10)} / ${percent(all.mape10Median)}`,
    `${fixed(all.spikeRecall, 2)} @ ${fixed(all.spikePrecision, 2)}`,
    percent(all.falseAlarms),
    percent(all.coverage90),
    fixed(all.pinball),
    fixed(all.brier),
    fixed(all.correlation),
    role === 'floor' ? '-' : cpuMsPerFunction.toFixed(1),
    role === 'floor' ? '-' : (bytesPerFunction / 1024).toFixed(0),
  ]);
  return markdownTable(head, lines);
}

/** WAPE of each model in each class; the best member of a class is bold. */
export function classTable(rows: readonly ScoredRow[], by: 'tiers' | 'patterns'): string[] {
  const classes = [...(rows[0]?.[by] ?? [])];
  const best = new Map(classes.map(([name]) => [name, bestMember(rows, by, name)?.name]));
  const lines = rows.map((row) => [
    row.name,
    ...classes.map(([name]) => {
      const text = fixed(row[by].get(name)?.wape ?? null);
      return best.get(name) === row.name ? `**${text}**` : text;
    }),
  ]);
  return markdownTable(['model', ...classes.map(([name, { functions }]) => `${name} (${functions})`)], lines);
}

/** The single member with the lowest WAPE in a class; undefined where none has one. */
export function bestMember(rows: readonly ScoredRow[], by: 'tiers' | 'patterns', name: string): ScoredRow | undefined {
  const wape = (row: ScoredRow): number => row[by].get(name)?.wape ?? Number.POSITIVE_INFINITY;
  return rows
    .filter((row) => row.role === 'member' && Number.isFinite(wape(row)))
    .reduce<ScoredRow | undefined>((best, row) => (best && wape(best) <= wape(row) ? best : row), undefined);
}

export function fixed(value: number | null, digits = 3): string {
  return value === null ? '-' : value.toFixed(digits);
}

export function percent(value: number | null): string {
  return value === null ? '-' : `${(100 * value).toFixed(1)} %`;
}
