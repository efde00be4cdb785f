import { Migrator, type Migration } from 'kysely';
import { databaseError } from './database-error';
import type { Database } from './database-schema';
import * as control from './migrations/0001-control';
import * as records from './migrations/0002-records';
import * as asyncInvocations from './migrations/0004-async';
import * as attempts from './migrations/0005-attempts';
import * as identity from './migrations/0006-identity';
import * as audit from './migrations/0007-audit';
import * as limits from './migrations/0008-limits';
import * as importedDays from './migrations/0009-imported-days';
import * as forecasts from './migrations/0010-forecasts';
import * as warming from './migrations/0011-warming';
import * as policyTrial from './migrations/0012-policy-trial';
import * as nodes from './migrations/0013-nodes';
import * as placements from './migrations/0014-placements';
import * as trafficMap from './migrations/0015-traffic-map';
import * as placementDecisions from './migrations/0016-placement-decisions';
import * as invocationBlocks from './migrations/0017-invocation-blocks';
import * as migrationFigures from './migrations/0018-migration-figures';
import * as authority from './migrations/0025-authority';
import * as declaredPolicies from './migrations/0019-declared-policies';
import * as describedNodes from './migrations/0020-described-nodes';
import * as ledger from './migrations/0021-ledger';
import * as heldMemory from './migrations/0022-held-memory';
import * as budgets from './migrations/0023-budgets';
import * as advice from './migrations/0024-advice';

/** In the order of their names; one that has run anywhere is never changed again. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-control': control,
  '0002-records': records,
  '0004-async': asyncInvocations,
  '0005-attempts': attempts,
  '0006-identity': identity,
  '0007-audit': audit,
  '0008-limits': limits,
  '0009-imported-days': importedDays,
  '0010-forecasts': forecasts,
  '0011-warming': warming,
  '0012-policy-trial': policyTrial,
  '0013-nodes': nodes,
  '0014-placements': placements,
  '0015-traffic-map': trafficMap,
  '0016-placement-decisions': placementDecisions,
  '0017-invocation-blocks': invocationBlocks,
  '0018-migration-figures': migrationFigures,
  '0019-declared-policies': declaredPolicies,
  '0020-described-nodes': describedNodes,
  '0021-ledger': ledger,
  '0022-held-memory': heldMemory,
  '0023-budgets': budgets,
  '0024-advice': advice,
  '0025-authority': authority,
};

/**
 * Brings the database up to date, all or nothing. Kysely's migrator holds a lock meanwhile, so that of several processes
 * one does the work and the others wait for it.
 */
export async function migrateToLatest(db: Database): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
    migrationTableName: 'presage_migrations',
    migrationLockTableName: 'presage_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw databaseError(error);
}
