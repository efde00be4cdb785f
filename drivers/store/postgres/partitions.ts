import { sql, type RawBuilder } from 'kysely';
import { MINUTE_COUNT_DAYS } from '../history-store';
import { TRAFFIC_DAYS } from '../traffic-map-store';
import type { RetentionDays } from '../store';
import type { StoreLog } from './connection-pool';
import type { Database } from './database-schema';

/** Each with what its retention is called. */
const TABLES = {
  invocations: 'invocations',
  invocation_blocks: 'invocations',
  logs: 'logs',
  events: 'events',
  audit: 'audit',
  forecasts: 'forecasts',
  warming_decisions: 'decisions',
  ledger: 'ledger',
} as const satisfies Readonly<Record<string, keyof RetentionDays>>;
type PartitionedTable = keyof typeof TABLES;

/** The time by whose day a table is parted. */
function timeOf(table: PartitionedTable): RawBuilder<Date> {
  return sql.ref<Date>(table === 'ledger' ? 'minute' : 'at');
}

const DAY_MS = 86_400_000;
/** Days made ahead, so that a few missed runs do not matter. */
const DAYS_AHEAD = 7;

/** Forgets what is past retention and prepares the coming days. Each step stands for itself: what fails is done the next time. */
export async function maintainPartitions(
  db: Database,
  now: Date,
  retention: RetentionDays,
  log: StoreLog | undefined,
): Promise<void> {
  for (const [table, kept] of Object.entries(TABLES) as [PartitionedTable, keyof RetentionDays][]) {
    const oldest = startOfDay(now.getTime() - retention[kept] * DAY_MS);
    const newest = startOfDay(now.getTime() + DAYS_AHEAD * DAY_MS);
    const days = new Set(await daysInDefault(db, table, oldest, newest));
    for (let day = startOfDay(now.getTime()); day <= newest; day += DAY_MS) days.add(day);
    for (const day of [...days].sort((a, b) => a - b)) await makeDay(db, table, day);
    const dropped = await dropDaysBefore(db, table, oldest);
    if (dropped.length > 0) log?.info({ table, dropped }, 'dropped partitions past retention');
  }
  await forgetOldRows(db, now, retention);
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}

function partitionName(table: PartitionedTable, day: number): string {
  return `${table}_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** Existing days of a table, oldest first. */
async function daysOf(db: Database, table: PartitionedTable): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select child.relname as name from pg_inherits
    join pg_class as child on child.oid = inhrelid
    where inhparent = ${table}::regclass`.execute(db);
  return rows
    .map(({ name }) => /_(\d{4})(\d\d)(\d\d)$/.exec(name))
    .flatMap((match) => (match ? [Date.parse(`${match[1]}-${match[2]}-${match[3]}`)] : []))
    .sort((a, b) => a - b);
}

/** Days, from `oldest` to `newest`, of rows that came when their day had no partition. */
async function daysInDefault(db: Database, table: PartitionedTable, oldest: number, newest: number): Promise<number[]> {
  const { rows } = await sql<{ day: Date }>`
    select distinct date_trunc('day', ${timeOf(table)}, 'UTC') as day from ${sql.table(`${table}_default`)}
    where ${timeOf(table)} >= ${new Date(oldest)} and ${timeOf(table)} < ${new Date(newest + DAY_MS)}`.execute(db);
  return rows.map(({ day }) => day.getTime());
}

/**
 * Makes a day's partition and moves into it the rows that waited in the default one. Writers wait at the parent
 * meanwhile: one that had already chosen the default for its row would fail. Readers of other days go on, for which
 * attaching is needed: creating in place locks them out too.
 */
async function makeDay(db: Database, table: PartitionedTable, day: number): Promise<void> {
  if ((await daysOf(db, table)).includes(day)) return;
  const from = sql.lit(new Date(day).toISOString());
  const to = sql.lit(new Date(day + DAY_MS).toISOString());
  const parent = sql.table(table);
  const spare = sql.table(`${table}_default`);
  const partition = sql.table(partitionName(table, day));
  const ofDay = sql`${timeOf(table)} >= ${from} and ${timeOf(table)} < ${to}`;
  await db.transaction().execute(async (transaction) => {
    await alone(transaction);
    if ((await daysOf(transaction, table)).includes(day)) return;
    await sql`lock table ${parent} in share row exclusive mode`.execute(transaction);
    await sql`create table ${partition} (like ${parent} including defaults including constraints including indexes including storage)`.execute(
      transaction,
    );
    await sql`
      with moved as (delete from ${spare} where ${ofDay} returning *)
      insert into ${partition} select * from moved`.execute(transaction);
    // With the check in place PostgreSQL need not read the rows again to attach them.
    await sql`alter table ${partition} add constraint of_day check (${ofDay})`.execute(transaction);
    await sql`alter table ${parent} attach partition ${partition} for values from (${from}) to (${to})`.execute(
      transaction,
    );
    await sql`alter table ${partition} drop constraint of_day`.execute(transaction);
  });
}

/** Names of the dropped tables. Dropping needs the parent for itself for a moment, for which it waits briefly at most. */
async function dropDaysBefore(db: Database, table: PartitionedTable, oldest: number): Promise<string[]> {
  const names = (await daysOf(db, table)).filter((day) => day < oldest).map((day) => partitionName(table, day));
  for (const name of names) {
    await db.transaction().execute(async (transaction) => {
      await alone(transaction);
      await sql`drop table if exists ${sql.table(name)}`.execute(transaction);
    });
  }
  await db.transaction().execute(async (transaction) => {
    await alone(transaction);
    await sql`delete from ${sql.table(`${table}_default`)} where ${timeOf(table)} < ${new Date(oldest)}`.execute(
      transaction,
    );
  });
  return names;
}

/** One maintainer at a time in the whole cluster, and no writer kept waiting long for it. */
async function alone(transaction: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('presage_partitions'))`.execute(transaction);
  await sql`set local lock_timeout = '3s'`.execute(transaction);
  // The audit log and the ledger let nobody else move or remove their rows.
  await sql`set local presage.maintenance = 'on'`.execute(transaction);
}

async function forgetOldRows(db: Database, now: Date, retention: RetentionDays): Promise<void> {
  const records = new Date(startOfDay(now.getTime() - retention.invocations * DAY_MS));
  const minutes = new Date(now.getTime() - MINUTE_COUNT_DAYS * DAY_MS);
  await db.deleteFrom('functionMinutes').where('minute', '<', minutes).execute();
  await db.deleteFrom('heldMinutes').where('minute', '<', minutes).execute();
  await db.deleteFrom('storageHours').where('hour', '<', minutes).execute();
  // Nobody repeats a report for so long.
  await db.deleteFrom('heldBatches').where('at', '<', records).execute();
  const hours = new Date(now.getTime() - TRAFFIC_DAYS * DAY_MS);
  await db.deleteFrom('trafficHours').where('hour', '<', hours).execute();
  await db.deleteFrom('callHours').where('hour', '<', hours).execute();
  await db.deleteFrom('memoryHours').where('hour', '<', hours).execute();
  const charged = new Date(startOfDay(now.getTime() - retention.ledger * DAY_MS));
  await sql`delete from ledger_hours where hour < ${charged}`.execute(db);
  await sql`delete from ledger_checks where at < ${charged}`.execute(db);
  const decided = new Date(now.getTime() - retention.decisions * DAY_MS);
  await db.deleteFrom('placementDecisions').where('at', '<', decided).where('assignment', 'is', null).execute();
  const told = new Date(now.getTime() - retention.events * DAY_MS);
  await db.deleteFrom('migrations').where('endedAt', '<', told).execute();
  await db.deleteFrom('importedDays').where('day', '<', minutes).execute();
  await db
    .deleteFrom('latestForecasts')
    .where('at', '<', new Date(now.getTime() - retention.forecasts * DAY_MS))
    .execute();
  await db
    .deleteFrom('latestWarmth')
    .where('at', '<', new Date(now.getTime() - retention.decisions * DAY_MS))
    .execute();
  await db.deleteFrom('instances').where('endedAt', '<', records).execute();
  // A deleted function waits for its checkpoints to be deleted, whose images would be orphans without their rows.
  await db
    .deleteFrom('functions')
    .where('deletedAt', '<', records)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('checkpoints')
            .innerJoin('revisions', 'revisions.id', 'checkpoints.revisionId')
            .select('checkpoints.id')
            .whereRef('revisions.functionId', '=', 'functions.id')
            .where('checkpoints.state', '!=', 'deleted'),
        ),
      ),
    )
    .execute();
}
