import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);

/** A PostgreSQL of a test's own: a new cluster in a temporary folder, reached by a Unix socket only. */
export interface TemporaryPostgres {
  readonly url: string;
  /** A new, empty database of this server. */
  createDatabase(): Promise<string>;
  /** SIGKILL to the server, as a crash would do. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  /** Stops the server and removes its folder. */
  stop(): Promise<void>;
}

interface Account {
  uid?: number;
  gid?: number;
}

/** @throws Error that says what to install, where PostgreSQL's programs are missing */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  const binaries = findBinaries();
  const account = serverAccount();
  const folder = await mkdtemp(path.join(tmpdir(), 'presage-pg-'));
  if (account.uid !== undefined && account.gid !== undefined) await chown(folder, account.uid, account.gid);
  const data = path.join(folder, 'data');
  await run(
    path.join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...account, cwd: folder },
  );

  let server: ChildProcess | undefined;
  let databases = 0;
  const urlOf = (database: string): string => `postgres://postgres@/${database}?host=${encodeURIComponent(folder)}`;

  const start = async (): Promise<void> => {
    const settings = { listen_addresses: '', unix_socket_directories: folder, fsync: 'off', max_connections: '60' };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const deadline = Date.now() + 60_000;
    for (;;) {
      const child = spawn(path.join(binaries, 'postgres'), ['-D', data, ...flags], {
        ...account,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let output = '';
      child.stderr.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
      server = child;
      if (await answers(urlOf('postgres'), child, deadline)) return;
      // Right after a kill the old server's memory is still held by its last processes.
      if (Date.now() > deadline || !output.includes('shared memory'))
        throw new Error(`PostgreSQL did not start: ${output}`);
    }
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = server;
    server = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  };

  const createDatabase = async (): Promise<string> => {
    const name = `test_${++databases}`;
    const client = new Client({ connectionString: urlOf('postgres') });
    await client.connect();
    await client.query(`create database ${name}`).finally(() => client.end());
    return urlOf(name);
  };

  await start();
  return {
    url: urlOf('postgres'),
    createDatabase,
    kill: () => end('SIGKILL'),
    start,
    stop: async () => {
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Waits until the server takes a connection; false when it ended or the deadline passed. */
async function answers(url: string, child: ChildProcess, deadline: number): Promise<boolean> {
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}

function findBinaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter);
  const folders = [...versions.map((version) => path.join(root, version, 'bin')), ...onPath];
  const found = folders.find(
    (folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')),
  );
  if (found) return found;
  throw new Error(
    'These tests need the programs of PostgreSQL (initdb, postgres), which are neither in /usr/lib/postgresql nor on PATH. On Debian: apt-get install postgresql',
  );
}

/** PostgreSQL refuses to run as root, so root lends it the account of its package. */
function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch (error) {
    throw new Error('As root these tests need the account "postgres", which the PostgreSQL package makes', {
      cause: error,
    });
  }
}
