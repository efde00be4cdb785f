import { sql } from 'kysely';
import type { Database } from '../../store/postgres/database-schema';

/** The one task of the queue library: make a try of the invocation that the job's key names. */
export const TRY_TASK = 'presage-try';
/** The job is only the wake-up; how often a function is tried is decided by the invocation's policy. */
const MAX_DELIVERIES = 10_000;

/**
 * Wakes an invocation at `dueAt` (now where it is null), in the transaction of `db`. One that is waking already is
 * replaced. The flag lets gateways pass over the jobs of functions that they run enough of.
 */
export async function addJob(db: Database, id: string, functionId: string, dueAt: Date | null): Promise<void> {
  await sql`
    select from graphile_worker.add_job(${TRY_TASK}, json_build_object('id', ${id}::text, 'functionId', ${functionId}::text), run_at => ${dueAt}::timestamptz,
      max_attempts => ${MAX_DELIVERIES}, job_key => ${id}, flags => array[${functionId}::text])`.execute(db);
}

/** The invocation is not to be woken any more. */
export async function removeJob(db: Database, id: string): Promise<void> {
  await sql`select from graphile_worker.remove_job(${id})`.execute(db);
}

/** Lets others take what these processes held. */
export async function unlockJobs(db: Database, workers: readonly string[]): Promise<void> {
  if (workers.length === 0) return;
  await sql`select graphile_worker.force_unlock_workers(${[...workers]}::text[])`.execute(db);
}
