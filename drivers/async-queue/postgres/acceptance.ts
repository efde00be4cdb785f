import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { Database } from '../../store/postgres/database-schema';
import { storableJson } from '../../store/postgres/json-rows';
import type { AsyncQueue, NewAsyncInvocation } from '../async-queue';
import { addJob } from './jobs';

/** Writes the row and its wake-up in the transaction of `db`; false where its idempotency key, or itself, is there. */
export async function insertInvocation(db: Database, invocation: NewAsyncInvocation, hops = 0): Promise<boolean> {
  const { id, tenant, functionId, function: name, alias, origin, request, policy, idempotency } = invocation;
  const row = await db
    .insertInto('asyncInvocations')
    .values({
      id,
      tenant,
      functionId,
      function: name,
      alias,
      origin,
      hops,
      method: request.method,
      path: request.path,
      headers: storableJson(request.headers),
      remoteAddress: request.remoteAddress,
      body: request.body.inline,
      bodyDigest: request.body.digest,
      bodyLength: request.body.length,
      policy: JSON.stringify(policy),
      idempotencyKey: idempotency?.key ?? null,
      fingerprint: idempotency?.fingerprint ?? null,
      expiresAt: sql<Date>`now() + ${policy.maxAgeMs} * interval '1 millisecond'`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await addJob(db, id, functionId, null);
  return true;
}

export function acceptanceQueries(db: Database): Pick<AsyncQueue, 'accept'> {
  return {
    async accept(invocation) {
      // The one with the key may be forgotten between the two looks.
      for (let looks = 0; looks < 3; looks++) {
        const created = await db.transaction().execute((transaction) => insertInvocation(transaction, invocation));
        if (created) return { id: invocation.id, created };
        const known = await findKnown(db, invocation);
        // Its own row: it is asked again, for nobody knows whether the answer got lost on the way.
        if (known) return { id: known, created: known === invocation.id };
      }
      throw new PlatformError('unavailable', 'The idempotency key changes hands just now', { retryAfterSeconds: 1 });
    },
  };
}

async function findKnown(
  db: Database,
  { id, functionId, idempotency }: NewAsyncInvocation,
): Promise<string | undefined> {
  const rows = db.selectFrom('asyncInvocations').select(['id', 'fingerprint']);
  const own = idempotency
    ? rows.where('functionId', '=', functionId).where('idempotencyKey', '=', idempotency.key)
    : rows.where('id', '=', id);
  const row = await own.executeTakeFirst();
  if (!row || row.id === id || row.fingerprint === idempotency?.fingerprint) return row?.id;
  throw new PlatformError('idempotency_mismatch', 'The idempotency key was used for another request', {
    hint: 'Use a new key for a new request; the same one only to repeat the same method, path and body.',
  });
}
