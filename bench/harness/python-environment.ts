import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PlatformError } from '../../core/error/platform-error';

const run = promisify(execFile);
const INSTALL_MS = 300_000;

export interface PythonEnvironment {
  /** What is installed, in words. */
  readonly name: string;
  /** Where; made anew unless it works. */
  readonly folder: string;
  /** As pip takes them, each with its version. */
  readonly packages: readonly string[];
  /** Whether it is there as a whole. */
  readonly works: () => Promise<boolean>;
  readonly log: (text: string) => void;
}

/**
 * Makes a virtual environment with packages in it where there is none that works.
 * @throws PlatformError unavailable when it cannot be installed
 */
export async function ensurePythonEnvironment(wanted: PythonEnvironment): Promise<void> {
  const { name, folder, packages, works, log } = wanted;
  if (await works()) return;
  log(`installing ${packages.join(', ').replaceAll('==', ' ')} into ${folder}`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(path.dirname(folder), { recursive: true });
    // Scripts of an environment name its folder: it is made where it stays, and is whole when its command answers.
    await run('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
    await run(path.join(folder, 'bin', 'python'), pip, { timeout: INSTALL_MS });
  } catch (error) {
    throw new PlatformError('unavailable', `${name} could not be installed: ${(error as Error).message}`, {
      hint: 'It needs Python 3.10 or newer with venv, and PyPI.',
      cause: error,
    });
  }
}
