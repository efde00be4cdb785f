import { parseArgs } from 'node:util';
import { z } from 'zod';
import { toPlatformError } from '../core/error/platform-error';
import { parseDuration } from '../core/function/quantity';
import { loadConfig } from '../workers/config';
import { findClientConfig } from '../cli/client-config';
import { processTerminal } from '../cli/terminal';
import { problemsOf } from '../core/function/manifest';
import { Components, placesOf, runningConfig } from './harness/components';
import { countOrphans } from './harness/orphans';
import { countRemains } from './harness/remains';
import { agreementLines } from './replay/court-agreement';
import { killLines } from './replay/kill-plan';
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
  kill: z
    .string()
    .transform((text) => text.split(',').map((word) => word.trim()))
    .optional(),
  'kill-every': z.string().default('60s').transform(milliseconds),
  'data-dir': z.string().optional(),
});

function milliseconds(text: string, context: z.RefinementCtx): number {
  try {
    return parseDuration(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
}

const USAGE = `npm run replay -- [--trace azure12d] [--functions 20] [--minutes 10] [--speed 6] [--from 600] [--seed 1] [--json FILE]
                      [--kill agent,control,temporal,gateway,postgres] [--kill-every 60s] [--data-dir .presage] [--court]

Plays real traffic against the running platform: --minutes of the trace from minute --from on, --speed times as fast.
--kill ends the named processes of the platform on this machine with SIGKILL, one each --kill-every, and says how long each was away,
what that cost, and what was left over.
--court has the platform replay the same minutes in its court, and says how far life and court are apart.
`;

/** `npm run replay`. Status 1 when a request failed by the platform's fault, something did not heal, or something was left over. */
export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(Object.keys(optionsSchema.shape).map((name) => [name, { type: 'string' as const }])),
      url: { type: 'string' },
      'api-key': { type: 'string' },
      court: { type: 'boolean' },
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
  let machine: Machine | null = null;
  try {
    if (parsed.data.kill) machine = openMachine(client.url, parsed.data['data-dir'], parsed.data.kill);
  } catch (error) {
    process.stderr.write(`--kill: ${toPlatformError(error).message}\n`);
    process.exitCode = 2;
    return;
  }
  const kill = machine && { ...machine, everyMs: parsed.data['kill-every'] };
  const court = values['court'] === true;
  const options = { ...parsed.data, url: client.url, apiKey: client.apiKey ?? '', court, kill };
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const { outcomes, heldGbSeconds, seconds, kills, agreement } = await replay(options, log, progressBar());
  process.stderr.write('\n');
  const lines = outcomeLines(outcomes);
  const total = [...heldGbSeconds.values()].reduce((sum, value) => sum + value, 0);
  lines.push(
    '',
    `memory-time held: ${total.toFixed(1)} GB·s in ${seconds.toFixed(0)} s (${[...heldGbSeconds].map(([state, value]) => `${state} ${value.toFixed(1)}`).join(', ')})`,
  );
  lines.push(`at $${DOLLARS_PER_GB_SECOND} per GB·s: $${(total * DOLLARS_PER_GB_SECOND).toFixed(6)}`);
  if (agreement) lines.push('', ...agreementLines(agreement));
  const orphans = machine && countRemains(await countOrphans(machine.places));
  const failedAt = outcomes.filter(({ error }) => error !== null).map(({ at }) => at);
  if (orphans) lines.push('', ...killLines(kills, failedAt), `left over: ${JSON.stringify(orphans)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.json) {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(
      options.json,
      JSON.stringify({
        options: { ...options, apiKey: undefined, kill: kill?.names },
        outcomes,
        heldGbSeconds: Object.fromEntries(heldGbSeconds),
        seconds,
        kills,
        agreement,
        orphans,
      }),
    );
  }
  const failed = outcomes.some((outcome) => outcome.status === 0 || outcome.status >= 500);
  const unhealed = kills.some(({ healedMs }) => healedMs === null);
  if (failed || unhealed || Object.values(orphans ?? {}).some((count) => count > 0)) process.exitCode = 1;
}

interface Machine {
  readonly components: Components;
  /** Of what is to be killed. */
  readonly names: readonly string[];
  readonly places: Parameters<typeof countOrphans>[0];
}

/** The platform's processes and places on this machine. @throws PlatformError not_found when they are not here */
function openMachine(url: string, dataDir: string | undefined, words: readonly string[]): Machine {
  const config = runningConfig(loadConfig(process.env, dataDir === undefined ? {} : { dataDir }), url);
  const components = new Components(config);
  return { components, names: components.chosen(words), places: placesOf(config, components) };
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
