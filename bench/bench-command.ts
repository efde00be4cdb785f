import { parseArgs } from 'node:util';
import { figureTable, runReported } from './harness/report';
import { measureStarts } from './starts/starts';

const BENCHES = {
  starts:
    'time to first byte of hot, warm, restored and cold starts of three functions; parallel restores; memory of clones; checkpoint pauses',
} as const;

const USAGE = `npm run bench -- NAME [--quick] [--json FILE]\n\n${Object.entries(BENCHES)
  .map(([name, what]) => `  ${name}  ${what}`)
  .join('\n')}\n`;

/** `npm run bench`: lists the benches, or runs one. Status 0 when it ran, whether its bars hold or not. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, samples: { type: 'string' } },
  });
  const [name] = positionals;
  if (name === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  if (name !== 'starts') {
    process.stderr.write(`There is no bench "${name}".\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const samples = values.samples === undefined ? (values.quick ? 40 : 200) : Number(values.samples);
  if (!Number.isInteger(samples) || samples < 1) {
    process.stderr.write(`--samples must be a whole number above 0, not "${values.samples}"\n`);
    process.exitCode = 2;
    return;
  }
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  const report = await runReported(name, argv.slice(1), values.json, () => measureStarts(samples, log));
  process.stdout.write(`${figureTable(report.figures)}\n`);
}
