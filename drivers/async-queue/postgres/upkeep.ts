import { sql } from 'kysely';
import type { Database } from '../../store/postgres/database-schema';
import type { AsyncQueue } from '../async-queue';
import { LEASE_SECONDS } from './claims';
import { addJob, TRY_TASK, unlockJobs } from './jobs';

const FORGET_ROWS = 200;
const REVIVED_ROWS = 500;

/** Says that the process lives. */
export async function beat(db: Database, worker: string, gateway: string): Promise<void> {
  await db
    .insertInto('asyncWorkers')
    .values({ id: worker, gateway })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seenAt: sql<Date>`now()` }))
    .execute();
}

/** The process makes no tries any more: what it still holds is free at once. */
export async function leave(db: Database, worker: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('asyncWorkers').where('id', '=', worker).execute();
    await unlockJobs(transaction, [worker]);
  });
}

/** Frees what earlier processes of the same gateway held: there is one at a time, so they are dead. */
export async function replacePredecessors(db: Database, worker: string, gateway: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const dead = await transaction
      .deleteFrom('asyncWorkers')
      .where('gateway', '=', gateway)
      .where('id', '!=', worker)
      .returning('id')
      .execute();
    await unlockJobs(
      transaction,
      dead.map(({ id }) => id),
    );
  });
}

/** Frees what processes hold that have not been seen for the length of a lease. Returns how many of them there were. */
export async function buryDead(db: Database): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const limit = sql`now() - ${LEASE_SECONDS} * interval '1 second'`;
    await sql`delete from async_workers where seen_at < ${limit}`.execute(transaction);
    const { rows } = await sql<{ worker: string }>`
      select distinct locked_by as worker from graphile_worker.jobs
      where task_identifier = ${TRY_TASK} and locked_at < ${limit}
        and not exists (select from async_workers where async_workers.id = jobs.locked_by)`.execute(transaction);
    await unlockJobs(
      transaction,
      rows.map(({ worker }) => worker),
    );
    return rows.length;
  });
}

/** Wakes what has not ended and that nothing would wake: it cannot be, and must not be lost if it is. */
export async function reviveForgotten(db: Database): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string; functionId: string; dueAt: Date }>`
      select id, function_id, due_at from async_invocations
      where state in ('queued', 'waiting', 'running')
        and not exists (
          select from graphile_worker.jobs
          where key = async_invocations.id and (attempts < max_attempts or locked_at is not null)
        )
      limit ${REVIVED_ROWS} for update skip locked`.execute(transaction);
    for (const { id, functionId, dueAt } of rows) await addJob(transaction, id, functionId, dueAt);
    return rows.length;
  });
}

export function retentionQueries(db: Database): Pick<AsyncQueue, 'forget' | 'unreferenced'> {
  return {
    forget: (now, deleteBody) =>
      db.transaction().execute(async (transaction) => {
        const rows = await transaction
          .selectFrom('asyncInvocations')
          .select(['id', 'bodyDigest', 'resultDigest'])
          .where('forgetAt', '<', now)
          .limit(FORGET_ROWS)
          .forUpdate()
          .skipLocked()
          .execute();
        // Bodies first: a row without them can be removed later, bodies without a row could not be found.
        for (const { bodyDigest, resultDigest } of rows) {
          for (const digest of [bodyDigest, resultDigest]) if (digest !== null) await deleteBody(digest);
        }
        const ids = rows.map(({ id }) => id);
        if (ids.length > 0) await transaction.deleteFrom('asyncInvocations').where('id', 'in', ids).execute();
        return ids.length;
      }),

    async unreferenced(digests) {
      const { rows } = await sql<{ digest: string }>`
        select digest from unnest(${[...digests]}::text[]) as digest
        where not exists (select from async_invocations where body_digest = digest)
          and not exists (select from async_invocations where result_digest = digest)`.execute(db);
      return rows.map(({ digest }) => digest);
    },
  };
}
