import { runMigrations } from 'graphile-worker';
import { Pool } from 'pg';
import { connectionSettings, openPool, type StoreLog } from '../../store/postgres/connection-pool';
import { databaseError } from '../../store/postgres/database-error';
import { kyselyOn } from '../../store/postgres/open-postgres-store';
import type { AsyncQueue } from '../async-queue';
import { acceptanceQueries } from './acceptance';
import { cronQueries } from './cron-queries';
import { inspectionQueries } from './inspection';
import { queueLogger } from './queue-logger';
import { settlementQueries } from './settlement';
import { retentionQueries } from './upkeep';
import { WorkLoop } from './work-loop';

/** Connections for accepting, settling and looking; the queue library has its own for fetching and listening. */
const CONNECTIONS = 6;
const LIBRARY_CONNECTIONS = 4;

/**
 * The queue in the same database as the store, with connections of its own. Opening connects to nothing.
 * @param options `newId` makes ids for what cron expressions and destinations bring about
 */
export function openPostgresAsyncQueue(
  url: string,
  options: { readonly newId: () => string; readonly log?: StoreLog },
): AsyncQueue {
  const { log, newId } = options;
  const own = openPool(url, { size: CONNECTIONS, timeouts: true, log });
  const db = kyselyOn(own);
  const libraryPool = new Pool({ ...connectionSettings(url), types: undefined, max: LIBRARY_CONNECTIONS });
  libraryPool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection broke'));
  libraryPool.on('connect', (client) => client.on('error', () => undefined));
  let closing: Promise<void> | undefined;

  return {
    ...acceptanceQueries(db),
    ...settlementQueries(db, newId),
    ...inspectionQueries(db),
    ...cronQueries(db, newId),
    ...retentionQueries(db),
    migrate: async () => {
      try {
        await runMigrations({ pgPool: libraryPool, logger: queueLogger(log) });
      } catch (error) {
        throw databaseError(error);
      }
    },
    work: (work) => new WorkLoop(db, libraryPool, work, log),
    close: () => (closing ??= Promise.all([own.end(), libraryPool.end()]).then(() => undefined)),
  };
}
