import { parseArgs } from 'node:util';
import { z } from 'zod';
import { findClientConfig } from '../cli/client-config';
import { processTerminal } from '../cli/terminal';
import { problemsOf } from '../core/function/manifest';
import { outcomeLines } from './replay/outcome';
import { replay } from './replay/replay';

/** What a gigabyte-second costs on a well-known public cloud (list price, x86, November 2025); for scale only. */
const DOLLARS_PER_GB_SECOND = 0.0000166667;

const optionsSchema = z.object({
  trace: z.string().default('azure12d'),
  functions: z.coerce.number().int().min(1).max(500).default(20),
  minutes: z.coerce.number().int().min(1).max(1440).default(10),
  from: z.coerce.number().int().min(0).default(600),
  speed: z.coerce.number().min(0.1).max(100).default(6),
  seed: z.coerce.number().int().default(1),
  json: z.string().optional(),
});

const USAGE = `npm run replay -- [--trace azure12d] [--functions 20] [--minutes 10] [--speed 6] [--from 600] [--seed 1] [--json FILE]

Plays real traffic against the running platform: --minutes of the trace from minute --from on, --speed times as fast.
`;

/** `npm run replay`. Status 1 when a request failed by the platform's fault. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(Object.keys(optionsSchema.shape).map((name) => [name, { type: 'string' as const }])),
      url: { type: 'string' },
      'api-key': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values['help'] === true) return void process.stdout.write(USAGE);
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) {
    for (const { path, message } of problemsOf(parsed.error)) process.stderr.write(`--${path}: ${message}\n`);
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const client = findClientConfig(processTerminal(), { url: text(values['url']), apiKey: text(values['api-key']) });
  const options = { ...parsed.data, url: client.url, apiKey: client.apiKey ?? '' };
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const { outcomes, heldGbSeconds, seconds } = await replay(options, log, progressBar());
  process.stderr.write('\n');
  const lines = outcomeLines(outcomes);
  const total = [...heldGbSeconds.values()].reduce((sum, value) => sum + value, 0);
  lines.push(
    '',
    `memory-time held: ${total.toFixed(1)} GB·s in ${seconds.toFixed(0)} s (${[...heldGbSeconds].map(([state, value]) => `${state} ${value.toFixed(1)}`).join(', ')})`,
  );
  lines.push(`at $${DOLLARS_PER_GB_SECOND} per GB·s: $${(total * DOLLARS_PER_GB_SECOND).toFixed(6)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.json) {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(
      options.json,
      JSON.stringify({
        options: { ...options, apiKey: undefined },
        outcomes,
        heldGbSeconds: Object.fromEntries(heldGbSeconds),
        seconds,
      }),
    );
  }
  if (outcomes.some((outcome) => outcome.status === 0 || outcome.status >= 500)) process.exitCode = 1;
}

/** A bar on a terminal, a line each tenth elsewhere. */
function progressBar(): (done: number, total: number) => void {
  let shown = -1;
  return (done, total) => {
    const tenth = Math.floor((done / total) * (process.stderr.isTTY ? 50 : 10));
    if (tenth === shown) return;
    shown = tenth;
    if (process.stderr.isTTY)
      process.stderr.write(`\r[${'█'.repeat(tenth)}${' '.repeat(50 - tenth)}] ${done}/${total}`);
    else process.stderr.write(`${done}/${total}\n`);
  };
}
