import { parseArgs } from 'node:util';
import type { Bench } from './bench';
import { blanksBench } from './blanks/blanks';
import { budgetBench } from './budget/budget';
import { burstBench } from './burst/burst';
import { chaosBench } from './chaos/chaos';
import { consoleBench } from './console/console';
import { contendedBench } from './contended/contended';
import { courtBench } from './court/court';
import { forecastBench } from './forecast/forecast';
import { fuzzBench } from './fuzz/fuzz';
import { figureTable, runReported } from './harness/report';
import { hopBench } from './hop/hop';
import { migrateBench } from './migrate/migrate';
import { placementBench } from './placement/placement';
import { policyBench } from './policy/policy';
import { recordingBench } from './recording/recording';
import { savingsBench } from './savings/savings';
import { soakBench } from './soak/soak';
import { startsBench } from './starts/starts';

const BENCHES: readonly Bench[] = [
  startsBench,
  contendedBench,
  blanksBench,
  hopBench,
  recordingBench,
  burstBench,
  budgetBench,
  chaosBench,
  migrateBench,
  soakBench,
  fuzzBench,
  forecastBench,
  courtBench,
  policyBench,
  savingsBench,
  placementBench,
  consoleBench,
];

/** `npm run bench`: lists the benches, or runs one. Status 0 when it ran, whether its bars hold or not. */
export async function main(argv: readonly string[]): Promise<void> {
  const named = BENCHES.find(({ name }) => name === argv.find((word) => !word.startsWith('-')));
  const { values, positionals } = parsed(argv, named);
  const [name] = positionals;
  if (name === undefined) {
    process.stdout.write(usage());
    return;
  }
  if (!named || positionals.length > 1) {
    process.stderr.write(`There is no bench "${positionals.join(' ')}".\n${usage()}`);
    process.exitCode = 2;
    return;
  }
  const { quick, data, json, ...own } = values;
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  const request = {
    quick: quick === true,
    data: text(data),
    values: Object.fromEntries(Object.entries(own).map(([option, value]) => [option, text(value)])),
    log,
  };
  const rest = argv.filter((word) => word !== name);
  try {
    const report = await runReported(named.name, rest, text(json), () => named.run(request));
    process.stdout.write(`${figureTable(report.figures)}\n`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

function parsed(argv: readonly string[], bench: Bench | undefined): ReturnType<typeof parseArgs> {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      data: { type: 'string' },
      json: { type: 'string' },
      ...Object.fromEntries(Object.keys(bench?.options ?? {}).map((name) => [name, { type: 'string' as const }])),
    },
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function usage(): string {
  const lines = BENCHES.flatMap(({ name, description, options = {} }) => [
    `  ${name.padEnd(8)} ${description}`,
    ...Object.entries(options).map(([option, help]) => `           --${option} N  ${help}`),
  ]);
  return `npm run bench -- NAME [--quick] [--data DIR] [--json FILE]\n\n${lines.join('\n')}\n`;
}
