import { PlatformError } from '../../../core/error/platform-error';
import { runCommand } from '../process/run-command';
import { findExecutable } from './find-executable';

/** dpkg takes one at a time, and its lists need to be fetched once only. */
let queue: Promise<unknown> = Promise.resolve();
let listsFetched = false;

/** Whether packages can be installed at all: a Debian-like system, and we are root. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && findExecutable('apt-get') !== null;
}

/** The sentence for a person who has to install them by hand. */
export function installByHand(packages: readonly string[]): string {
  return `Run as root: apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Installs Debian packages. @throws PlatformError unsupported (not root, not Debian) or unavailable (mirror not reached) */
export function aptInstall(packages: readonly string[], progress: (line: string) => void): Promise<void> {
  const turn = queue.then(() => install(packages, progress));
  queue = turn.catch(() => undefined);
  return turn;
}

async function install(packages: readonly string[], progress: (line: string) => void): Promise<void> {
  const names = packages.join(', ');
  if (!canInstall()) {
    throw new PlatformError('unsupported', `${names} must be installed, which needs root and apt-get`, {
      hint: installByHand(packages),
    });
  }
  try {
    if (!listsFetched) {
      progress('apt-get update');
      await apt(['update', '-q']);
      listsFetched = true;
    }
    progress(`apt-get install ${packages.join(' ')}`);
    await apt(['install', '-y', '-q', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', ...packages]);
  } catch (error) {
    throw new PlatformError('unavailable', `${names} could not be installed by apt-get: ${(error as Error).message}`, {
      cause: error,
      hint: `Is the Debian mirror reachable? ${installByHand(packages)}`,
    });
  }
}

function apt(args: readonly string[]): Promise<string> {
  return runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
}
