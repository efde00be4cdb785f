import path from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { PlatformError } from '../../core/error/platform-error';

interface Flag {
  readonly type: 'string' | 'boolean';
  readonly help: string;
  /** Name of the value in the help. */
  readonly value?: string;
  /** The configuration key it sets, as the environment variable that every process reads. */
  readonly variable?: string;
  /** From what was typed to what the variable holds. */
  readonly toVariable?: (text: string) => string;
}

const FLAGS = {
  port: { type: 'string', value: 'N', help: 'port of the gateway (8080)', variable: 'PRESAGE__GATEWAY__PORT' },
  host: {
    type: 'string',
    value: 'ADDRESS',
    help: 'address of the gateway (127.0.0.1)',
    variable: 'PRESAGE__GATEWAY__HOST',
  },
  gateways: {
    type: 'string',
    value: 'N',
    help: 'gateway processes that share the port (1)',
    variable: 'PRESAGE__GATEWAY__PROCESSES',
  },
  'data-dir': {
    type: 'string',
    value: 'FOLDER',
    help: 'all that must survive (./.presage)',
    variable: 'PRESAGE__DATADIR',
    toVariable: (text) => path.resolve(text),
  },
  sandbox: {
    type: 'string',
    value: 'auto|runc|process|simulated',
    help: 'how functions are isolated',
    variable: 'PRESAGE__AGENT__SANDBOX',
  },
  nodes: {
    type: 'string',
    value: 'NAME:TIER[:REGION],…',
    help: 'one agent for each, e.g. edge-1:edge:eu,central-1:central:us',
    variable: 'PRESAGE__NODES',
    toVariable: nodesAsJson,
  },
  'temporal-port': { type: 'string', value: 'N', help: 'port of Temporal (7233)', variable: 'PRESAGE__TEMPORAL__PORT' },
  'temporal-ui-port': {
    type: 'string',
    value: 'N',
    help: 'port of its web UI (8233)',
    variable: 'PRESAGE__TEMPORAL__UIPORT',
  },
  'postgres-port': {
    type: 'string',
    value: 'N',
    help: 'port of PostgreSQL (5433)',
    variable: 'PRESAGE__POSTGRES__PORT',
  },
  'log-level': {
    type: 'string',
    value: 'trace|debug|info|warn|error',
    help: 'what the log files hold',
    variable: 'PRESAGE__LOG__LEVEL',
  },
  config: {
    type: 'string',
    value: 'FILE',
    help: 'configuration in YAML (./presage.yaml if there)',
    variable: 'PRESAGE_CONFIG',
    toVariable: (text) => path.resolve(text),
  },
  detach: { type: 'boolean', help: 'return to the prompt when ready' },
  'no-examples': { type: 'boolean', help: 'do not deploy examples/ at the first start' },
  setup: { type: 'boolean', help: 'only set up what is missing' },
  browser: { type: 'boolean', help: 'with --setup: also Chromium, for the tests of the console' },
  stop: { type: 'boolean', help: 'end everything (npm run stop)' },
  doctor: { type: 'boolean', help: 'check every prerequisite (npm run doctor)' },
  help: { type: 'boolean', help: 'this list' },
} as const satisfies Record<string, Flag>;

export type Command = 'start' | 'setup' | 'stop' | 'doctor' | 'help';

export interface Invocation {
  readonly command: Command;
  readonly detach: boolean;
  readonly examples: boolean;
  /** The browser of the console's tests is wanted too. */
  readonly browser: boolean;
  /** Settings that the flags make; over the environment, under nothing. */
  readonly env: Readonly<Record<string, string>>;
}

/** What was typed after `npm start --`. @throws PlatformError invalid_argument that lists the flags there are */
export function parseFlags(argv: readonly string[]): Invocation {
  const { values } = parsed(argv);
  const env: Record<string, string> = {};
  for (const [name, flag] of Object.entries<Flag>(FLAGS)) {
    const text = values[name];
    if (flag.variable === undefined || typeof text !== 'string') continue;
    env[flag.variable] = flag.toVariable ? flag.toVariable(text) : text;
  }
  const commands = (['help', 'doctor', 'stop', 'setup'] as const).filter((name) => values[name] === true);
  if (commands.length > 1) throw usage(`--${commands.join(' and --')} do not go together`);
  return {
    command: commands[0] ?? 'start',
    detach: values['detach'] === true,
    examples: values['no-examples'] !== true,
    browser: values['browser'] === true,
    env,
  };
}

/** Each flag as it is typed, what it is for, and the variable that does the same. */
export function flagRows(): readonly { readonly typed: string; readonly help: string; readonly variable?: string }[] {
  return Object.entries<Flag>(FLAGS).map(([name, { value, help, variable }]) => ({
    typed: `--${value ? `${name} ${value}` : name}`,
    help,
    ...(variable === undefined ? {} : { variable }),
  }));
}

/** One line for each flag. */
export function flagList(): string {
  return flagRows()
    .map(({ typed, help }) => `  ${typed}`.padEnd(44) + help)
    .join('\n');
}

function parsed(argv: readonly string[]): { values: Record<string, string | boolean | undefined> } {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    Object.entries<Flag>(FLAGS).map(([name, { type }]) => [name, { type }]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, allowPositionals: false, strict: true });
    return { values: values as Record<string, string | boolean | undefined> };
  } catch (error) {
    throw usage((error as Error).message.split('. ')[0] ?? 'The flags cannot be read');
  }
}

function usage(message: string): PlatformError {
  return new PlatformError('invalid_argument', `${message}. The flags are:\n${flagList()}`);
}

function nodesAsJson(text: string): string {
  const nodes = text.split(',').map((entry) => {
    const [name = '', tier, region, ...rest] = entry.trim().split(':');
    if (name === '' || rest.length > 0) {
      throw usage(`--nodes takes NAME:TIER[:REGION],…; "${entry}" is not of that form`);
    }
    return { name, ...(tier === undefined ? {} : { tier }), ...(region === undefined ? {} : { region }) };
  });
  return JSON.stringify(nodes);
}
