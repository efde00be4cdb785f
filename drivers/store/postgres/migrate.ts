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
