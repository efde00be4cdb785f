import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../../../core/error/platform-error';
import type { Config } from '../../config';
import { findPostgres, type PostgresBinaries } from '../prerequisites/postgres-binaries';
import { runCommand } from '../process/run-command';
import { ensureSecret } from './secret-file';
import { canReach, launchWithMounts, ownedFolder, postgresUser, type Launch, type SystemUser } from './unprivileged';

export const POSTGRES_ROLE = 'presage';
const DATABASE = 'presage';

/** A data folder of PostgreSQL and how its programs are run on it. */
export interface PostgresCluster {
  readonly binaries: PostgresBinaries;
  readonly user: SystemUser | null;
  /** Holds the Unix socket. */
  readonly socketFolder: string;
  /** A command line for one of the programs; `args` gets the data folder as the program sees it. */
  launch(program: 'postgres' | 'initdb', args: (dataFolder: string) => readonly string[]): Launch;
}

/** Connection string of the platform's own database. Makes the password when there is none yet. */
export function ownPostgresUrl(config: Config): string {
  return `postgres://${POSTGRES_ROLE}:${password(config)}@127.0.0.1:${config.postgres.port}/${DATABASE}`;
}

/** The cluster in the data folder, initialised at the first call. @throws PlatformError unsupported, unavailable */
export async function ensureCluster(config: Config, cacheDir: string): Promise<PostgresCluster> {
  const data = path.join(config.dataDir, 'postgres');
  const user = postgresUser();
  mkdirSync(config.dataDir, { recursive: true });
  mkdirSync(config.runDir, { recursive: true, mode: 0o711 });
  const socketFolder = path.join(config.runDir, 'postgres');
  ownedFolder(socketFolder, user);
  if (!existsSync(path.join(data, 'PG_VERSION'))) await initialise(config, data, user, socketFolder, cacheDir);
  return clusterAt(config, data, binariesFor(data, cacheDir), user, socketFolder);
}

/** Made aside and renamed, so that a set-up broken off half-way leaves nothing that looks like a cluster. */
async function initialise(
  config: Config,
  data: string,
  user: SystemUser | null,
  socketFolder: string,
  cacheDir: string,
): Promise<void> {
  const binaries = findPostgres(cacheDir);
  if (!binaries) throw new PlatformError('unsupported', 'PostgreSQL is not installed', { hint: 'npm run doctor' });
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  ownedFolder(fresh, user);
  const passwordFile = path.join(socketFolder, 'password');
  writeFileSync(passwordFile, password(config), { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  try {
    const cluster = clusterAt(config, fresh, binaries, user, socketFolder);
    const launch = cluster.launch('initdb', (folder) => [
      ...['--pgdata', folder, '--username', POSTGRES_ROLE, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
    ]);
    await runCommand(launch.command, launch.args, { cwd: '/', env: plainEnv(), ...(launch.user ?? {}) });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, data);
}

/** A data folder is read by the major version that made it, even where a newer one has been installed since. */
function binariesFor(data: string, cacheDir: string): PostgresBinaries {
  const major = Number.parseInt(readFileSync(path.join(data, 'PG_VERSION'), 'utf8'), 10);
  const binaries = findPostgres(cacheDir, major);
  if (binaries) return binaries;
  throw new PlatformError('unsupported', `${data} was made by PostgreSQL ${major}, which is not installed`, {
    hint: `Install it (apt-get install postgresql-${major}), or dump and load the data into a new data folder.`,
  });
}

function clusterAt(
  config: Config,
  data: string,
  binaries: PostgresBinaries,
  user: SystemUser | null,
  socketFolder: string,
): PostgresCluster {
  const launch: PostgresCluster['launch'] = (program, args) => {
    const command = path.join(binaries.bin, program);
    if (!user) return { command, args: args(data) };
    const mounts: (readonly [string, string])[] = [];
    const seen = (folder: string, place: string): string => {
      if (canReach(path.join(folder, 'inside'), user)) return folder;
      const mounted = path.join(config.runDir, place);
      mkdirSync(mounted, { recursive: true, mode: 0o711 });
      mounts.push([folder, mounted]);
      return mounted;
    };
    const programs = seen(path.dirname(binaries.bin), 'mounted-programs');
    const seenArgs = args(seen(data, 'mounted-data'));
    if (mounts.length === 0) return { command, args: seenArgs, user: { uid: user.uid, gid: user.gid } };
    return launchWithMounts(user, mounts, path.join(programs, 'bin', program), seenArgs);
  };
  return { binaries, user, socketFolder, launch };
}

function password(config: Config): string {
  return ensureSecret(path.join(config.dataDir, 'secrets', 'postgres.password'));
}

/** PostgreSQL takes defaults from PG* variables, which belong to somebody else's database. */
export function plainEnv(): NodeJS.ProcessEnv {
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
