import { Client } from 'pg';
import type { Config } from '../../config';
import type { Service } from '../supervisor/service';
import { ownPostgresUrl, plainEnv, type PostgresCluster } from './postgres-cluster';

/**
 * Settings that differ from PostgreSQL's own. Everything committed survives a crash: fsync and full page writes stay on. Writers of
 * records that may lose their last half second (invocations, logs) turn synchronous_commit off in their own transactions.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  max_connections: '100',
  // No replica is fed, so the log needs to hold no more than recovery reads.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '1GB',
  wal_compression: 'on',
  // Statements are short: compiling them costs more than it gains.
  jit: 'off',
  huge_pages: 'off',
  // Shared memory as files of the data folder: a server that was killed leaves none of it behind in /dev/shm.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_min_messages: 'warning',
};

/** The platform's own PostgreSQL, on loopback alone. */
export function postgresService(config: Config, cluster: PostgresCluster): Service {
  const settings = {
    ...SETTINGS,
    listen_addresses: '127.0.0.1',
    port: String(config.postgres.port),
    unix_socket_directories: cluster.socketFolder,
  };
  const launch = cluster.launch('postgres', (folder) => [
    '-D',
    folder,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  return {
    name: 'postgres',
    ...launch,
    env: plainEnv(),
    cwd: '/',
    commandWord: 'postgres',
    // "Fast" shutdown: sessions are ended, nothing needs recovery at the next start.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 20_000,
    // After a kill it refuses to start until the last processes of the one before are gone, which a loaded machine delays.
    patienceMs: 20_000,
    // Recovery after a kill replays up to max_wal_size.
    readyTimeoutMs: 120_000,
    probe: () => accepts(maintenanceUrl(ownPostgresUrl(config))),
  };
}

/** Whether a server answers at this address. */
export async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The database that every server has, at the same server. */
export function maintenanceUrl(url: string): string {
  const parsed = new URL(url);
  parsed.pathname = '/postgres';
  return parsed.toString();
}
