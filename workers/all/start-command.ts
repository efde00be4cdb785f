import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../core/error/platform-error';
import { readClientFile } from '../migrate';
import type { Environment } from './environment';
import { seedExamples } from './example-history';
import { deployExample, DeployedExamples, exampleFolders, functionNameOf, nameOf } from './examples';
import type { Invocation } from './flags';
import type { Prerequisite } from './prerequisites/prerequisite';
import { prerequisites } from './prerequisites/prerequisites';
import { PidFiles, recordOf, type PidRecord } from './process/pid-files';
import { runProgressList } from './progress-list';
import { Reporter } from './reporter';
import { sentenceOf, setUpTasks, type SetUpResult } from './set-up';
import { startTasks } from './start-tasks';
import { addressesOf, alreadyRuns, consoleLine, curlLine, sandboxes, sandboxLimits, table } from './summary';
import { STOP_ORDER, Supervisor } from './supervisor/supervisor';
import { checkPorts } from './wanted-ports';

const SUPERVISOR = 'supervisor';

/** What runs already from the data folder, as text; null when nothing does. */
export function runningPlatform(environment: Environment): string | null {
  const pids = pidFiles(environment);
  const supervisor = pids.running(SUPERVISOR);
  return supervisor ? alreadyRuns(supervisor, pids.allRunning()) : null;
}

export function pidFiles({ config }: Environment): PidFiles {
  // Other users' processes (PostgreSQL) walk through the run folder to theirs; its parent is ours where it is the default one.
  mkdirSync(config.runDir, { recursive: true });
  for (const folder of [config.runDir, path.dirname(config.runDir)]) {
    if (folder === config.runDir || folder.startsWith('/run/presage')) chmodSync(folder, 0o711);
  }
  return new PidFiles(path.join(config.runDir, 'pids'));
}

/**
 * Sets up what is missing.
 * @param further what is wanted beside the platform's own needs
 * @throws PlatformError when the platform cannot run without it
 */
export async function setUp(environment: Environment, further: readonly Prerequisite[] = []): Promise<SetUpResult> {
  const result: SetUpResult = { withoutIsolation: null, warnings: [] };
  const wanted = [...prerequisites(environment.config, environment.cacheDir), ...further];
  await runProgressList(setUpTasks(wanted, result), {
    concurrent: false,
  });
  return result;
}

/** Runs the platform until a signal ends it. @returns the exit status */
export async function runPlatform(environment: Environment, invocation: Invocation): Promise<number> {
  const { config } = environment;
  const pids = pidFiles(environment);
  const own = claim(pids, environment);
  const reporter = new Reporter(path.join(config.dataDir, 'logs'));
  const supervisor = new Supervisor(pids, path.join(config.dataDir, 'logs'), reporter.line);
  const signalled = new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve(name));
  });
  let status = 0;
  try {
    const ready = bringUp(environment, invocation, supervisor, pids, own, reporter);
    const ending = await Promise.race([signalled, ready.then(() => signalled)]);
    reporter.line(`\nEnding on ${ending}: gateway, control worker, agents, then Temporal and PostgreSQL…`);
  } catch (error) {
    reporter.line(`\nPresage could not be started. ${sentenceOf(error)}`);
    status = 1;
  }
  await supervisor.stop(STOP_ORDER);
  pids.remove(SUPERVISOR);
  reporter.line('Everything has ended.');
  return status;
}

async function bringUp(
  environment: Environment,
  invocation: Invocation,
  supervisor: Supervisor,
  pids: PidFiles,
  own: PidRecord,
  reporter: Reporter,
): Promise<void> {
  await checkPorts(environment, pids);
  const { withoutIsolation, warnings } = await setUp(environment);
  const env = environment.childEnv();
  if (withoutIsolation !== null) env['PRESAGE__AGENT__SANDBOX'] = 'process';
  await runProgressList(await startTasks(environment, supervisor, env), { concurrent: true });
  if (invocation.examples) warnings.push(...(await deployExamples(environment)));
  pids.write({ ...own, ready: true });
  warnings.push(...sandboxLimits(environment.config, pids.allRunning()));
  await announce(environment, warnings, reporter);
}

async function deployExamples({ config }: Environment): Promise<readonly string[]> {
  const client = readClientFile(config.dataDir);
  if (!client) return ['The examples were not deployed: there is no client.json in the data folder'];
  const deployed = new DeployedExamples(config.dataDir);
  const folders = exampleFolders().filter((folder) => !deployed.has(folder));
  const failures: string[] = [];
  const fresh: string[] = [];
  const tasks = folders.map((folder) => ({
    title: `Example ${nameOf(folder)}`,
    task: async (_context: unknown, task: { skip(reason: string): void }) => {
      try {
        await deployExample(folder, client);
        deployed.add(folder);
        fresh.push(functionNameOf(folder));
      } catch (error) {
        failures.push(`Example ${nameOf(folder)} was not deployed; the next start tries again. ${sentenceOf(error)}`);
        task.skip(`Example ${nameOf(folder)}: not deployed`);
      }
    },
  }));
  const past = {
    title: 'Past of the examples',
    task: async (_context: unknown, task: { title: string; skip(reason: string): void }) => {
      try {
        const seeded = await seedExamples(fresh, client, new Date());
        task.title = `Past of the examples: imported for ${seeded.length} from a trace of another system, and marked as imported; models are being trained`;
      } catch (error) {
        failures.push(`The examples were given no past to forecast from. ${sentenceOf(error)}`);
        task.skip('Past of the examples: not imported');
      }
    },
  };
  if (tasks.length > 0) await runProgressList([...tasks, past], { concurrent: false });
  return failures;
}

async function announce(environment: Environment, warnings: readonly string[], reporter: Reporter): Promise<void> {
  const { config } = environment;
  for (const warning of warnings) reporter.line(`! ${warning}`);
  reporter.line(`\nPresage is ready after ${(performance.now() / 1000).toFixed(1)} s.`);
  reporter.line(table({ ...addressesOf(environment), Sandbox: (await sandboxes(config)).join(', ') }));
  const curl = curlLine(config);
  if (curl) reporter.line(`\nTry it:\n  ${curl}`);
  const login = consoleLine(config);
  if (login) reporter.line(`\n${login}`);
  reporter.line('\nCtrl-C ends everything.');
}

/** One supervisor per data folder. @throws PlatformError conflict */
function claim(pids: PidFiles, environment: Environment): PidRecord {
  const record = recordOf(process.pid, SUPERVISOR, path.basename(process.argv[1] ?? 'node'), '', new Date());
  if (!record) throw new PlatformError('internal', 'This process is not in /proc');
  const own = { ...record, addresses: addressesOf(environment) };
  if (pids.claim(own)) return own;
  throw new PlatformError('conflict', 'Another npm start has just begun from this data folder');
}
