import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ensurePackages, findProgram } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { eventually, freePort } from './eventually';

const run = promisify(execFile);

/** `promtool` with these arguments. @throws Error with what it says */
export async function promtool(...args: string[]): Promise<string> {
  const { stdout } = await run(await program('promtool'), args);
  return stdout;
}

/** What a query gave, at one moment. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}

/** A Prometheus of a test's own, on loopback. */
export interface TemporaryPrometheus {
  readonly url: string;
  /** @throws Error with what it says of a query that it does not take */
  query(expr: string): Promise<readonly QueryResult[]>;
  /** `data` of an endpoint below /api/v1. @throws Error with what it answers */
  get<T>(endpoint: string): Promise<T>;
  stop(): Promise<void>;
}

/**
 * @param targets of each job, `host:port`
 * @param rules files of rules, each absolute
 */
export async function startTemporaryPrometheus(
  targets: Readonly<Record<string, readonly string[]>>,
  rules: readonly string[],
): Promise<TemporaryPrometheus> {
  const [binary, folder, port] = await Promise.all([
    program('prometheus'),
    mkdtemp(path.join(tmpdir(), 'prometheus-')),
    freePort(),
  ]);
  const config = path.join(folder, 'prometheus.yaml');
  const jobs = Object.entries(targets).map(([name, list]) => {
    return { job_name: name, static_configs: [{ targets: list }] };
  });
  const global = { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '5s' };
  await writeFile(config, stringify({ global, rule_files: rules, scrape_configs: jobs }));
  const url = `http://127.0.0.1:${port}`;
  const flags = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const server: ChildProcess = spawn(binary, [...flags, '--enable-feature=exemplar-storage', '--log.level=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const get = async <T>(endpoint: string): Promise<T> => {
    const response = await fetch(`${url}/api/v1/${endpoint}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${endpoint}: ${answer.error}`);
    return answer.data;
  };
  await eventually(() => answers(`${url}/-/ready`), `Prometheus at ${port}`);
  return {
    url,
    get,
    query: async (expr) => {
      const { result } = await get<{ result: readonly QueryResult[] }>(`query?query=${encodeURIComponent(expr)}`);
      return result;
    },
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function program(name: 'prometheus' | 'promtool'): Promise<string> {
  if (!findProgram(name)) {
    // Its package would start a server of its own, at a port that others may want.
    process.env['RUNLEVEL'] = '1';
    await ensurePackages(['prometheus'], () => undefined);
  }
  const found = findProgram(name);
  if (!found) throw new Error(`These tests need ${name}. On Debian: apt-get install prometheus`);
  return found;
}

async function answers(url: string): Promise<true | undefined> {
  const ok = await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
  return ok || undefined;
}
