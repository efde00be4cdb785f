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
  const asked = parsed(argv, named);
  if (asked instanceof Error) return refuse(`${asked.message}\n${usage()}`);
  const { values, positionals } = asked;
  const [name] = positionals;
  const { quick, data, json, help, ...own } = values;
  if (name === undefined || help === true) {
    process.stdout.write(usage());
    return;
  }
  if (!named || positionals.length > 1) return refuse(`There is no bench "${positionals.join(' ')}".\n${usage()}`);
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
    refuse(`${error.message}\n`);
  }
}

function refuse(why: string): void {
  process.stderr.write(why);
  process.exitCode = 2;
}

/** What was typed, or what is wrong with it. */
function parsed(argv: readonly string[], bench: Bench | undefined): ReturnType<typeof parseArgs> | Error {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
        data: { type: 'string' },
        json: { type: 'string' },
        ...Object.fromEntries(Object.keys(bench?.options ?? {}).map((name) => [name, { type: 'string' as const }])),
      },
    });
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
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
