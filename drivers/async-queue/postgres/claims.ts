import { sql } from 'kysely';
import type { Database } from '../../store/postgres/database-schema';
import type { AsyncClaim, AsyncTry } from '../async-queue';

/** A process that has not been seen for this long is dead, or as good as dead; seconds. */
export const LEASE_SECONDS = 10;

const HISTORY_ROWS = 20;

/** An SQL expression: the history with one more entry, the newest of it. */
export function historyWith(entry: AsyncTry): ReturnType<typeof sql<string>> {
  return sql<string>`(
    select coalesce(jsonb_agg(entry order by n), '[]')
    from jsonb_array_elements(history || ${JSON.stringify([entry])}::jsonb) with ordinality as h (entry, n)
    where n > jsonb_array_length(history) + 1 - ${HISTORY_ROWS}
  )`;
}

/**
 * Makes this process the one that tries the invocation now; null when there is nothing to try: it has ended, it was tried
 * for too long, or a living process tries it.
 */
export async function claim(db: Database, id: string, worker: string): Promise<AsyncClaim | null> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('asyncInvocations')
      .selectAll()
      .select(sql<boolean>`expires_at <= now()`.as('expired'))
      .where('id', '=', id)
      .where((where) =>
        where.or([
          where('state', 'in', ['queued', 'waiting']),
          where.and([
            where('state', '=', 'running'),
            where.not(
              where.exists(
                where
                  .selectFrom('asyncWorkers')
                  .select('asyncWorkers.id')
                  .whereRef('asyncWorkers.id', '=', 'asyncInvocations.worker')
                  .where('seenAt', '>', sql<Date>`now() - ${LEASE_SECONDS} * interval '1 second'`),
              ),
            ),
          ]),
        ]),
      )
      .forUpdate()
      .executeTakeFirst();
    if (!row) return null;
    const lost = row.state === 'running';
    const at = row.startedAt?.toISOString() ?? '';
    const history = lost
      ? historyWith({ try: row.tries, at, ms: null, status: null, error: 'the gateway that made this try is gone' })
      : sql<string>`history`;
    if (row.expired) {
      await transaction
        .updateTable('asyncInvocations')
        .set({
          state: 'dead',
          reason: 'its maximum age came before it was answered',
          worker: null,
          endedAt: sql<Date>`now()`,
          forgetAt: sql<Date>`now() + ${row.policy.deadLettersForMs} * interval '1 millisecond'`,
          history,
        })
        .where('id', '=', id)
        .execute();
      return null;
    }
    const tries = row.tries + 1;
    await transaction
      .updateTable('asyncInvocations')
      .set({ state: 'running', tries, worker, startedAt: sql<Date>`now()`, history })
      .where('id', '=', id)
      .execute();
    const { tenant, functionId, alias, origin, policy, failures, acceptedAt, expiresAt } = row;
    const body = { inline: row.body, digest: row.bodyDigest, length: row.bodyLength };
    const { method, path, headers, remoteAddress } = row;
    const request = { method, path, headers, remoteAddress, body };
    const facts = { id, tenant, functionId, function: row.function, alias, origin, policy };
    return { ...facts, request, try: tries, failures, acceptedAt, expiresAt };
  });
}

/** Tries that the database still counts as this process's, as `id/try`. */
export async function claimsOf(db: Database, worker: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('asyncInvocations')
    .select(['id', 'tries'])
    .where('worker', '=', worker)
    .where('state', '=', 'running')
    .execute();
  return new Set(rows.map(({ id, tries }) => `${id}/${tries}`));
}
