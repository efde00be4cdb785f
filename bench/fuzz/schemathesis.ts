import { execFile, spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import { cacheDir } from '../../workers/cache-dir';
import { ensurePythonEnvironment } from '../harness/python-environment';

const run = promisify(execFile);

const VERSION = '4.32.5';
const REPORT = 'report.json';
const EVENTS = 'events.ndjson';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

const reportSchema = z.object({
  stop_reason: z.string(),
  operations: z.object({ selected: z.number(), tested: z.number() }),
  test_cases: z.object({ generated: z.number(), with_failures: z.number(), errored: z.number() }),
  failures: z.array(
    z.object({ type: z.string(), title: z.string(), count: z.number(), operations: z.array(z.string()) }),
  ),
  errors: z.array(z.unknown()),
  valid_rates: z.record(z.string(), z.record(z.string(), z.object({ accepted: z.number() }))),
});

const scenarioSchema = z.object({
  ScenarioFinished: z.object({
    recorder: z.object({
      interactions: z
        .record(z.string(), z.object({ response: z.object({ status_code: z.number() }).nullish() }))
        .default({}),
    }),
  }),
});

/** What one run of the tool found. */
export interface FuzzReport extends z.infer<typeof reportSchema> {
  /** Answers by HTTP status; 0: none came. */
  readonly statuses: ReadonlyMap<number, number>;
}

export interface FuzzRun {
  /** Of the platform; the OpenAPI document is read from it. */
  readonly url: string;
  readonly apiKey: string;
  readonly seed: number;
  /** Cases that are drawn at random for each operation, beyond those that cover its schema. */
  readonly examples: number;
  /** Which operations, as arguments of the tool. */
  readonly choose: readonly string[];
  /** Configuration in the tool's own TOML. */
  readonly config: string;
  /** For its report and its output; made where it is missing. */
  readonly folder: string;
  readonly timeoutMs: number;
}

/**
 * The command of Schemathesis, installed for this machine in a virtual environment of its own where it is not there yet.
 * @throws PlatformError unavailable when it cannot be installed
 */
export async function ensureSchemathesis(log: (text: string) => void): Promise<string> {
  const folder = path.join(cacheDir(), 'schemathesis', VERSION);
  const command = path.join(folder, 'bin', 'st');
  const packages = [`schemathesis==${VERSION}`];
  await ensurePythonEnvironment({ name: 'Schemathesis', folder, packages, works: () => answers(command), log });
  return command;
}

async function answers(command: string): Promise<boolean> {
  return run(command, ['--version']).then(
    ({ stdout }) => stdout.includes(VERSION),
    () => false,
  );
}

/** Sends what the OpenAPI document allows, and what it does not, and holds every answer against it. */
export async function runSchemathesis(command: string, options: FuzzRun): Promise<FuzzReport> {
  const { url, apiKey, seed, examples, choose, folder, timeoutMs } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const config = path.join(folder, 'schemathesis.toml');
  await writeFile(config, options.config);
  const output = await open(path.join(folder, 'output.txt'), 'w');
  const args = [
    ...['--config-file', config, 'run', `${url}/openapi.json`, ...choose],
    ...['--header', `Authorization: Bearer ${apiKey}`, '--checks', CHECKS.join()],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(examples), '--seed', String(seed)],
    ...['--request-timeout', '15', '--no-shrink', '--continue-on-failure', '--warnings', 'off'],
    ...['--report-json-path', path.join(folder, REPORT), '--report-ndjson-path', path.join(folder, EVENTS)],
  ];
  try {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', output.fd, output.fd] });
    // Interrupted it still reports what it has done.
    const timer = setTimeout(() => child.kill('SIGINT'), timeoutMs);
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs + 60_000);
    await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
    clearTimeout(timer);
    clearTimeout(late);
  } finally {
    await output.close();
  }
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
  const found = reportSchema.safeParse(
    await read(REPORT)
      .then(JSON.parse)
      .catch(() => null),
  );
  if (!found.success) {
    const said = (await read('output.txt')).slice(-2_000);
    throw new PlatformError('internal', `Schemathesis ended without a report:\n${said}`);
  }
  return { ...found.data, statuses: statusesIn(await read(EVENTS)) };
}

/** Answers by HTTP status; 0: none came. */
function statusesIn(events: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const line of events.split('\n')) {
    if (!line.startsWith('{"ScenarioFinished"')) continue;
    const { ScenarioFinished } = scenarioSchema.parse(JSON.parse(line));
    for (const { response } of Object.values(ScenarioFinished.recorder.interactions)) {
      const status = response?.status_code ?? 0;
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }
  return counts;
}
