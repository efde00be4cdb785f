import { existsSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { PostgresFacts } from '../../../core/doctor/installation';
import { isLoopback } from '../../../core/network/loopback';
import type { Config } from '../../config';

const TIMEOUT_MS = 5_000;

interface Row {
  readonly version: string;
  readonly encrypted: boolean | null;
  readonly archive_mode: string;
  readonly last_archived_time: Date | null;
  readonly last_failed_time: Date | null;
  readonly standbys: number | null;
  readonly connections: number;
  readonly max_connections: number;
  readonly at: number;
  readonly gateways: number;
}

/** All that a role without special rights may see; followers are hidden from it where `pg_monitor` is not granted. */
const QUESTION = `
  select current_setting('server_version') as version,
    (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted,
    current_setting('archive_mode') as archive_mode,
    last_archived_time, last_failed_time,
    case when pg_has_role(current_user, 'pg_monitor', 'member')
      then (select count(*)::int from pg_stat_replication) end as standbys,
    (select sum(numbackends)::int from pg_stat_database) as connections,
    current_setting('max_connections')::int as max_connections,
    extract(epoch from clock_timestamp())::float8 * 1000 as at,
    (select count(distinct gateway)::int from async_workers where seen_at > now() - interval '30 seconds') as gateways
  from pg_stat_archiver`;

/** What the database is and how it is kept; a sentence where it does not say. */
export async function postgresFacts({ postgres, dataDir }: Config, now: () => number): Promise<PostgresFacts | string> {
  const url = postgres.url ?? '';
  const client = new Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const asked = now();
    const { rows } = await client.query(QUESTION);
    const answered = now();
    const row = rows[0] as Row | undefined;
    if (!row) return 'PostgreSQL says nothing of itself';
    // As the driver understood the URL, which may name a socket's folder.
    const { host, port } = client;
    const sameMachine = host.startsWith('/') || isLoopback(host);
    return {
      own: sameMachine && port === postgres.port && existsSync(path.join(dataDir, 'postgres', 'PG_VERSION')),
      version: row.version.split(' ', 1)[0] ?? row.version,
      encrypted: row.encrypted ?? false,
      sameMachine,
      archiveMode: row.archive_mode,
      lastArchivedAt: row.last_archived_time,
      lastArchiveFailureAt: row.last_failed_time,
      standbys: row.standbys,
      connections: row.connections,
      maxConnections: row.max_connections,
      clockSkewMs: row.at < asked ? row.at - asked : Math.max(0, row.at - answered),
      gateways: row.gateways,
    };
  } catch (error) {
    return `PostgreSQL cannot be asked: ${(error as Error).message}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}
