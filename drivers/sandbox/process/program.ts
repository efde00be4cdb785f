import { existsSync } from 'node:fs';
import path from 'node:path';
import type { RunSpec } from '../../../core/function/run-spec';
import { PlatformError } from '../../../core/error/platform-error';
import { platformEnvironment } from '../platform-environment';

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';
const OPEN_FILES = 4096;
const MEBIBYTE = 2 ** 20;
/** Address space that a runtime needs beside the function's own data: stacks of its threads, code. */
const DATA_SLACK = 512 * MEBIBYTE;

/** Programs and files of this machine that functions are started with. */
export interface Programs {
  readonly node: string;
  readonly python: string | null;
  readonly prlimit: string | null;
  /** Folder of the runtime shims. */
  readonly runtimes: string;
  /** Where functions reach the gateway; null where there is none. */
  readonly gatewayUrl: string | null;
}

/** Absolute path of a system program. The user's PATH is not asked: version managers put slow scripts there. */
export function findSystemProgram(name: string): string | null {
  const file = SYSTEM_PATH.split(':').map((folder) => path.join(folder, name));
  return file.find((candidate) => existsSync(candidate)) ?? null;
}

export interface Launch {
  readonly id: string;
  readonly run: RunSpec;
  readonly codeDir: string;
  readonly socketPath: string;
  readonly tmpDir: string;
  /** TCP port of our choice; null where the runtime listens on the socket anyway. */
  readonly port: number | null;
}

/** Command line of an instance, with the limits that can be set without cgroups. @throws PlatformError unsupported */
export function commandOf(launch: Launch, programs: Programs): [string, ...string[]] {
  const program = programOf(launch, programs);
  if (!programs.prlimit) return program;
  const limits = ['--core=0', `--nofile=${OPEN_FILES}:${OPEN_FILES}`];
  // Node reserves address space by the gigabyte; it gets a heap limit instead
  if (launch.run.runtime !== 'nodejs') limits.push(`--data=${launch.run.limits.memoryBytes + DATA_SLACK}`);
  return [programs.prlimit, ...limits, '--', ...program];
}

function programOf({ run, codeDir }: Launch, programs: Programs): [string, ...string[]] {
  if (run.codeKind === 'oci') {
    throw new PlatformError('unsupported', 'The process driver cannot run OCI images', {
      hint: 'Give the code as source, or use a machine where the runc driver works.',
    });
  }
  if (run.runtime === 'nodejs') {
    const heap = Math.max(32, Math.floor((run.limits.memoryBytes / MEBIBYTE) * 0.75));
    return [programs.node, `--max-old-space-size=${heap}`, path.join(programs.runtimes, 'nodejs/shim.js')];
  }
  if (run.runtime === 'python') {
    if (!programs.python) throw new PlatformError('unsupported', 'python3 is not installed on this machine');
    return [programs.python, '-S', path.join(programs.runtimes, 'python/shim.py')];
  }
  const [program, ...args] = run.command ?? [];
  if (!program) throw new PlatformError('start_failed', 'The function has no command');
  const inCode = path.join(codeDir, program);
  return [existsSync(inCode) ? inCode : program, ...args];
}

/** The whole environment of an instance: the host's own is never passed on. */
export function environmentOf(launch: Launch, { gatewayUrl }: Pick<Programs, 'gatewayUrl'>): Record<string, string> {
  const { run } = launch;
  return {
    PATH: SYSTEM_PATH,
    HOME: launch.tmpDir,
    TMPDIR: launch.tmpDir,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    ...run.env,
    ...run.secretEnv,
    ...platformEnvironment(launch.id, run, gatewayUrl),
    PRESAGE_CODE: launch.codeDir,
    PRESAGE_SOCKET: launch.socketPath,
    ...(launch.port === null ? {} : { PORT: String(launch.port) }),
  };
}
