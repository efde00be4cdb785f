import { CamelCasePlugin, Kysely, PostgresDialect, sql, type PostgresPool } from 'kysely';
import type { QueryEnd } from '../query-end';
import type { Store } from '../store';
import { adviceQueries } from './advice';
import { aliasQueries } from './aliases';
import { apiKeyQueries } from './api-keys';
import { auditQueries } from './audit';
import { budgetAlertQueries } from './budget-alerts';
import { budgetPastQueries } from './budget-past';
import { budgetStateQueries } from './budget-states';
import { budgetQueries } from './budgets';
import { checkpointQueries } from './checkpoints';
import { codeUploadQueries } from './code-uploads';
import { openPool, type StoreLog } from './connection-pool';
import { costQueries } from './costs';
import type { Database, DatabaseSchema } from './database-schema';
import { dataKeyQueries } from './data-keys';
import { deploymentQueries } from './deployments';
import { eventQueries } from './events';
import { forecastModelQueries } from './forecast-models';
import { forecastQueries } from './forecasts';
import { heldMinuteQueries } from './held-minutes';
import { historyQueries } from './function-history';
import { functionQueries } from './functions';
import { instanceQueries } from './instances';
import { invocationQueries } from './invocations';
import { limitQueries } from './limits';
import { NoticeListener } from './listener';
import { logQueries } from './logs';
import { migrateToLatest } from './migrate';
import { minuteCountQueries } from './minute-counts';
import { nodeQueries } from './nodes';
import { maintainPartitions } from './partitions';
import { migrationQueries } from './migrations-of-functions';
import { placementQueries } from './placements';
import { authorityQueries } from './authority';
import { declaredPolicyQueries } from './declared-policies';
import { placementDecisionQueries } from './placement-decisions';
import { policyTrialQueries } from './policy-trials';
import { revisionQueries } from './revisions';
import { routeQueries } from './routes';
import { secretQueries } from './secrets';
import { storageHourQueries } from './storage-hours';
import { tenantQueries } from './tenants';
import { trafficMapQueries } from './traffic-map';
import { overviewQueries } from './overview';
import { trainingStepQueries } from './training-steps';
import { warmingQueries } from './warming';

interface PostgresStoreOptions {
  readonly log?: StoreLog;
  /** Connections at most, besides the one that listens; default 10. */
  readonly poolSize?: number;
  /** Hears of each statement how it went. */
  readonly queryEnded?: (end: QueryEnd) => void;
}

/**
 * The store on PostgreSQL 13 or later. Opening connects to nothing: connections come with the first calls and come back
 * after the server was away. Every method throws PlatformError only: `unavailable` while the server is away or busy,
 * `conflict` for what exists already, `storage_full` when its disk is.
 *
 * @param url `postgres://user@host:port/database`, or with `?host=/socket/folder` for a Unix socket
 */
export function openPostgresStore(url: string, options: PostgresStoreOptions = {}): Store {
  const { log, poolSize = 10, queryEnded } = options;
  // Kysely closes only a pool that it has used, so pools are closed here.
  const pool = openPool(url, { size: poolSize, timeouts: true, log });
  const db = kyselyOn(pool, queryEnded);
  /** Slow work on a pool of its own that lives as long as the work. */
  const patiently = async (work: (db: Database) => Promise<void>): Promise<void> => {
    const own = openPool(url, { size: 2, timeouts: false, log });
    await work(kyselyOn(own)).finally(() => own.end());
  };
  const notices = new NoticeListener(url, log);
  let closing: Promise<void> | undefined;

  return {
    ...tenantQueries(db),
    ...apiKeyQueries(db),
    ...codeUploadQueries(db),
    ...dataKeyQueries(db),
    ...limitQueries(db),
    ...secretQueries(db),
    ...auditQueries(db),
    ...authorityQueries(db),
    ...functionQueries(db),
    ...revisionQueries(db),
    ...aliasQueries(db),
    ...routeQueries(db),
    ...deploymentQueries(db),
    ...checkpointQueries(db),
    ...instanceQueries(db),
    ...invocationQueries(db),
    ...logQueries(db),
    ...eventQueries(db),
    ...minuteCountQueries(db),
    ...heldMinuteQueries(db),
    ...storageHourQueries(db),
    ...forecastModelQueries(db),
    ...forecastQueries(db),
    ...trainingStepQueries(db),
    ...historyQueries(db),
    ...placementQueries(db),
    ...migrationQueries(db),
    ...policyTrialQueries(db),
    ...declaredPolicyQueries(db),
    ...budgetQueries(db),
    ...budgetStateQueries(db),
    ...budgetAlertQueries(db),
    ...budgetPastQueries(db),
    ...nodeQueries(db),
    ...trafficMapQueries(db),
    ...overviewQueries(db),
    ...placementDecisionQueries(db),
    ...adviceQueries(db),
    ...warmingQueries(db),
    ...costQueries(db),
    migrate: () => patiently(migrateToLatest),
    maintainPartitions: (now, retentionDays) => patiently((own) => maintainPartitions(own, now, retentionDays, log)),
    subscribe: (topic, listener) => notices.subscribe(topic, listener),
    ping: async () => void (await sql`select 1`.execute(db)),
    close: () => (closing ??= notices.close().then(() => pool.end())),
  };
}

/** Typed queries over a pool that its owner closes. */
export function kyselyOn(pool: PostgresPool, queryEnded?: (end: QueryEnd) => void): Database {
  return new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({ pool }),
    // Keys inside jsonb values belong to their authors.
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    ...(queryEnded && {
      log: ({ level, queryDurationMillis }) => queryEnded({ ms: queryDurationMillis, failed: level === 'error' }),
    }),
  });
}
