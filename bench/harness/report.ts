import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { assetPath } from '../../drivers/asset-path';

/** One measured thing. `bar` says what it should be, `holds` whether it is; figures without a bar are anchors. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly samples: number;
  readonly bar: string | null;
  readonly holds: boolean | null;
}

export interface BenchReport {
  readonly bench: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: { readonly cores: number; readonly loadBefore: number; readonly loadAfter: number };
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** A figure with an upper bar (`≤ limit`), a lower one (`≥ limit`) or none. */
export function figure(
  name: string,
  unit: string,
  value: number,
  samples: number,
  bar?: { atMost?: number; atLeast?: number },
): Figure {
  const { atMost, atLeast } = bar ?? {};
  if (atMost !== undefined) return { name, unit, value, samples, bar: `≤ ${atMost}`, holds: value <= atMost };
  if (atLeast !== undefined) return { name, unit, value, samples, bar: `≥ ${atLeast}`, holds: value >= atLeast };
  return { name, unit, value, samples, bar: null, holds: null };
}

/** Runs a bench and writes its reports: JSON where `jsonFile` says, Markdown to bench/reports. */
export async function runReported(
  name: string,
  argv: readonly string[],
  jsonFile: string | undefined,
  work: () => Promise<{ figures: Figure[]; sections: string[] }>,
): Promise<BenchReport> {
  const loadBefore = loadavg()[0] ?? 0;
  const begun = Date.now();
  const { figures, sections } = await work();
  const report: BenchReport = {
    bench: name,
    commit: commit(),
    command: ['npm run bench --', name, ...argv].join(' '),
    machine: { cores: cpus().length, loadBefore, loadAfter: loadavg()[0] ?? 0 },
    seconds: (Date.now() - begun) / 1000,
    figures,
  };
  if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  writeReportFile(`${name}.md`, markdown(report, sections));
  return report;
}

/** A file of a report, in the folder of all of them. */
export function writeReportFile(name: string, text: string): void {
  const folder = assetPath('bench/reports');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

function markdown(report: BenchReport, sections: readonly string[]): string {
  const { machine } = report;
  return [
    `# Bench: ${report.bench}`,
    '',
    `\`${report.command}\` at ${report.commit}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(2)} before and ${machine.loadAfter.toFixed(2)} after, ${report.seconds.toFixed(0)} s.`,
    '',
    figureTable(report.figures),
    '',
    ...sections,
    '',
  ].join('\n');
}

/** The figures as a Markdown table. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, samples, bar, holds }) => {
    const verdict = holds === null ? '' : holds ? 'yes' : '**no**';
    return `| ${name} | ${Number(value.toPrecision(4))} | ${unit} | ${samples} | ${bar ?? ''} | ${verdict} |`;
  });
  return ['| figure | value | unit | samples | bar | holds |', '| --- | ---: | --- | ---: | --- | --- |', ...rows].join(
    '\n',
  );
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: assetPath('.'), encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
