import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { ensurePackages, findProgram } from '../../../drivers/sandbox/runc/setup/ensure-packages';
import { eventually, freePort } from './eventually';

const run = promisify(execFile);

/** A Redis of a test's own, on loopback, that keeps nothing on the disk. */
export interface TemporaryRedis {
  readonly url: string;
  readonly port: number;
  /** SIGKILL, as a crash would do; what it knew is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it takes connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @param flags of redis-server, e.g. `['--requirepass', 'secret']` */
export async function startTemporaryRedis(flags: readonly string[] = []): Promise<TemporaryRedis> {
  const [binary, folder, port] = await Promise.all([
    serverBinary(),
    mkdtemp(path.join(tmpdir(), 'redis-')),
    freePort(),
  ]);
  const secret = flags[flags.indexOf('--requirepass') + 1];
  const url = `redis://${flags.includes('--requirepass') ? `:${secret}@` : ''}127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    // The package's program serves under the name by which it is called.
    server = spawn(binary, [...own, ...flags], { argv0: 'redis-server', cwd: folder, stdio: 'ignore' });
    await eventually(() => answers(url), `Redis at ${port}`);
  };
  const end = async (): Promise<void> => {
    const child = server;
    server = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url,
    port,
    kill: end,
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    start,
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A Sentinel that watches a Redis under the name `main`. */
export async function startTemporarySentinel(
  watched: TemporaryRedis,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const [binary, folder, port] = await Promise.all([
    serverBinary(),
    mkdtemp(path.join(tmpdir(), 'sentinel-')),
    freePort(),
  ]);
  // It writes what it learns into its configuration.
  const file = path.join(folder, 'sentinel.conf');
  await writeFile(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor main 127.0.0.1 ${watched.port} 1\n`,
  );
  const child = spawn(binary, [file, '--sentinel'], { argv0: 'redis-server', cwd: folder, stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const url = `redis://127.0.0.1:${port}`;
  await eventually(() => answers(url), `the Sentinel at ${port}`);
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Three masters that share the keys. */
export async function startTemporaryCluster(): Promise<{ readonly nodes: TemporaryRedis[]; stop(): Promise<void> }> {
  const nodes: TemporaryRedis[] = [];
  for (let node = 0; node < 3; node++) {
    nodes.push(await startTemporaryRedis(['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000']));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes']);
  for (const { url } of nodes) {
    await eventually(async () => {
      const client = new Redis(url, { lazyConnect: true, disconnectTimeout: 100 });
      try {
        return String(await client.cluster('INFO')).includes('cluster_state:ok') || undefined;
      } finally {
        client.disconnect();
      }
    }, 'the cluster');
  }
  return { nodes, stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))) };
}

async function answers(url: string): Promise<true | undefined> {
  const client = new Redis(url, {
    lazyConnect: true,
    disconnectTimeout: 100,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    return true;
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

/** Of the package `redis-tools`, which starts no service: the server is the same program as the checker of its files. */
async function serverBinary(): Promise<string> {
  const find = (): string | undefined => findProgram('redis-server') ?? findProgram('redis-check-rdb');
  if (!find() || !findProgram('redis-cli')) await ensurePackages(['redis-tools'], () => undefined);
  const binary = find();
  if (!binary) throw new Error('These tests need redis-server. On Debian: apt-get install redis-tools');
  return binary;
}
