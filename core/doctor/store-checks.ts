import { checkNamed, percent, type Finding } from './finding';
import type { Installation } from './installation';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
const RETENTION_MS = 3 * DAY_MS;
/** Of the connections that PostgreSQL takes at most. */
const BUSY = 0.8;

/** Where state is kept: PostgreSQL, Temporal, Redis. */
export function storeChecks(installation: Installation): readonly Finding[] {
  return [...postgres(installation), ...temporal(installation), redis(installation)];
}

function postgres({ postgres: facts, at }: Installation): Finding[] {
  const { ok, fail } = checkNamed('postgres', 'PostgreSQL');
  if (typeof facts === 'string') return [fail(facts, 'Nothing can be deployed or recorded.', 'Mend what it says.')];
  const { own, version, connections, maxConnections, sameMachine, encrypted } = facts;
  const line = checkNamed('postgres-tls', 'The way to PostgreSQL');
  const room = checkNamed('postgres-room', 'Connections of PostgreSQL');
  return [
    own
      ? fail(
          `version ${version}, run by npm start in the data folder`,
          'It dies with this machine, and nobody backs it up.',
          'Run one of your own or a managed one, and set postgres.url (docs/operations.md).',
        )
      : ok(`version ${version}, of your own`),
    backup(facts, at),
    encrypted || sameMachine
      ? line.ok(encrypted ? 'encrypted' : 'it does not leave the machine')
      : line.fail(
          'not encrypted',
          'Records, password and sealed secrets cross the network readable.',
          'Add sslmode=verify-full and sslrootcert=FILE to postgres.url.',
        ),
    connections <= maxConnections * BUSY
      ? room.ok(`${connections} of ${maxConnections} are used`)
      : room.warn(
          `${connections} of ${maxConnections} are used`,
          'Another gateway or control worker may find none left.',
          'Raise max_connections, or put fewer processes on it.',
        ),
  ];
}

function backup(facts: Exclude<Installation['postgres'], string>, at: Date): Finding {
  const { own, archiveMode, lastArchivedAt, lastArchiveFailureAt, standbys } = facts;
  const { ok, warn, fail } = checkNamed('postgres-backup', 'Backup of PostgreSQL');
  const mend =
    'Archive WAL (archive_mode, archive_command) beside base backups, and try a restore (docs/operations.md).';
  const means = 'What was written since the last backup is lost with the server.';
  if (lastArchiveFailureAt !== null && lastArchiveFailureAt > (lastArchivedAt ?? new Date(0)))
    return fail('the last segment of WAL could not be archived', `${means} And WAL fills the disk.`, mend);
  if (archiveMode !== 'off' && lastArchivedAt !== null) {
    const hours = (at.getTime() - lastArchivedAt.getTime()) / HOUR_MS;
    return hours <= 24
      ? ok(`WAL is archived, last ${hours.toFixed(1)} hours ago`)
      : warn(`WAL was archived ${Math.floor(hours)} hours ago`, means, mend);
  }
  if (own) return fail('WAL is not archived', means, mend);
  if (standbys !== null && standbys > 0) {
    return warn(
      `${standbys} follow it, and no WAL is archived`,
      'A follower copies a mistake at once: it is no backup.',
      mend,
    );
  }
  return warn(
    'the server shows no archiving of WAL',
    `${means} Managed services do not show theirs: then see to it that point-in-time recovery is on.`,
    mend,
  );
}

function temporal({ temporal: facts }: Installation): Finding[] {
  const store = checkNamed('temporal', 'Temporal');
  if (typeof facts === 'string') return [store.fail(facts, 'Deploys and moves wait.', 'Mend what it says.')];
  const { serverVersion, persistence, retentionMs } = facts;
  const kept = checkNamed('temporal-retention', 'Histories of workflows');
  const days = (retentionMs / DAY_MS).toFixed(1);
  return [
    persistence === 'sqlite'
      ? store.fail(
          `version ${serverVersion}, the development server on SQLite`,
          'It is one process on one disk: while it is away no workflow goes on.',
          'Run a Temporal cluster or use Temporal Cloud: temporal.address (docs/operations.md).',
        )
      : store.ok(`version ${serverVersion}${persistence === null ? '' : ` on ${persistence}`}`),
    retentionMs >= RETENTION_MS
      ? kept.ok(`kept for ${days} days after their end`)
      : kept.warn(
          `kept for ${days} days after their end`,
          'What a failed move did at the weekend is gone on Monday.',
          'temporal operator namespace update --retention 7d NAMESPACE',
        ),
  ];
}

function redis({ redis: there, gatewayProcesses, postgres: facts }: Installation): Finding {
  const { ok, fail } = checkNamed('redis', 'Redis');
  const gateways = Math.max(gatewayProcesses, typeof facts === 'string' ? 0 : facts.gateways);
  if (there) return ok(`${gateways} gateways count together`);
  if (gateways <= 1) return ok('not needed: there is one gateway');
  return fail(
    `${gateways} gateways and no Redis`,
    `Each counts rates and caps for itself: ${gateways} times what was set is let through.`,
    'Set redis.url (docs/several-gateways.md).',
  );
}

/** Whether a disk has room to spare. */
export function diskCheck(id: string, title: string, disk: Installation['disk']): Finding {
  const { ok, warn, fail } = checkNamed(id, title);
  if (disk === null) return ok('not known here');
  const free = disk.freeBytes / Math.max(1, disk.totalBytes);
  const detail = `${percent(free)} free of ${(disk.totalBytes / 2 ** 30).toFixed(0)} GiB`;
  if (free >= 0.2) return ok(detail);
  const mend = 'Make room or a larger disk; shorten retention.*, see presage cost recommend.';
  return free >= 0.1
    ? warn(detail, 'Checkpoints and spooled records may soon find no place.', mend)
    : fail(detail, 'Without room deploys, checkpoints and records stop.', mend);
}
