import { sql } from 'kysely';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import { pageLimit, pageOf, readCursor, type CursorShape } from '../../store/postgres/cursor';
import type { Database } from '../../store/postgres/database-schema';
import type { AsyncInvocation, AsyncQueue } from '../async-queue';
import { addJob, removeJob } from './jobs';
import { forgetAt } from './settlement';

/** Ids sort by the time at which they were made. */
const newest: CursorShape<string> = { kind: 'async', schema: z.string() };
const COLUMNS = [
  'id',
  'tenant',
  'functionId',
  'function',
  'alias',
  'origin',
  'method',
  'path',
  'idempotencyKey',
  'state',
  'tries',
  'failures',
  'acceptedAt',
  'dueAt',
  'expiresAt',
  'startedAt',
  'endedAt',
  'forgetAt',
  'reason',
  'resultStatus',
  'resultLength',
  'history',
] as const;

type Queries = Pick<AsyncQueue, 'find' | 'list' | 'result' | 'cancel' | 'redrive' | 'figures'>;

export function inspectionQueries(db: Database): Queries {
  return {
    find: (tenant, id) => findIn(db, tenant, id),

    async list(query) {
      const after = readCursor(newest, query);
      let select = db.selectFrom('asyncInvocations').select(COLUMNS).where('tenant', '=', query.tenant);
      if (query.function !== undefined) select = select.where('function', '=', query.function);
      if (query.state !== undefined) select = select.where('state', '=', query.state);
      if (after !== null) select = select.where('id', '<', after);
      const rows = await select
        .orderBy('id', 'desc')
        .limit(pageLimit(query) + 1)
        .execute();
      return pageOf(rows.map(viewOf), query, newest, (row) => row.id);
    },

    async result(tenant, id) {
      const row = await db
        .selectFrom('asyncInvocations')
        .select(['resultStatus', 'resultHeaders', 'resultBody', 'resultDigest', 'resultLength', 'resultTruncated'])
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('endedAt', 'is not', null)
        .executeTakeFirst();
      if (!row || row.resultStatus === null) return null;
      const body = { inline: row.resultBody, digest: row.resultDigest, length: row.resultLength };
      return { status: row.resultStatus, headers: row.resultHeaders ?? [], body, truncated: row.resultTruncated };
    },

    cancel: (tenant, id) =>
      db.transaction().execute(async (transaction) => {
        const changed = await transaction
          .updateTable('asyncInvocations')
          .set({
            state: 'cancelled',
            reason: 'cancelled on request',
            worker: null,
            endedAt: sql<Date>`now()`,
            forgetAt: forgetAt('cancelled'),
          })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .where('state', 'in', ['queued', 'waiting', 'running'])
          .returning('id')
          .executeTakeFirst();
        const found = await findIn(transaction, tenant, id);
        if (!found) throw missing(id);
        if (!changed) throw new PlatformError('conflict', `The invocation ${id} has ended already: ${found.state}`);
        await removeJob(transaction, id);
        return found;
      }),

    redrive: (tenant, id, now) =>
      db.transaction().execute(async (transaction) => {
        const changed = await transaction
          .updateTable('asyncInvocations')
          .set({
            state: 'queued',
            failures: 0,
            reason: null,
            dueAt: now,
            expiresAt: sql<Date>`${now}::timestamptz + (policy->>'maxAgeMs')::float8 * interval '1 millisecond'`,
            startedAt: null,
            endedAt: null,
            forgetAt: null,
          })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .where('state', 'in', ['dead', 'failed', 'cancelled'])
          .returning('functionId')
          .executeTakeFirst();
        const found = await findIn(transaction, tenant, id);
        if (!found) throw missing(id);
        if (!changed) {
          throw new PlatformError('conflict', `The invocation ${id} is ${found.state}`, {
            hint: 'Only those that are dead, failed or cancelled can be begun anew.',
          });
        }
        await addJob(transaction, id, changed.functionId, null);
        return found;
      }),

    async figures() {
      const states = await db
        .selectFrom('asyncInvocations')
        .select(['tenant', 'function', 'state', sql<number>`count(*)`.as('count')])
        .where('state', 'in', ['queued', 'waiting', 'running', 'dead'])
        .groupBy(['tenant', 'function', 'state'])
        .execute();
      const oldest = await db
        .selectFrom('asyncInvocations')
        .select(sql<number | null>`extract(epoch from now() - min(due_at))::float8`.as('seconds'))
        .where('state', 'in', ['queued', 'waiting'])
        .executeTakeFirst();
      return { states, oldestDueSeconds: Math.max(0, oldest?.seconds ?? 0) };
    },
  };
}

async function findIn(db: Database, tenant: string, id: string): Promise<AsyncInvocation | null> {
  const row = await db
    .selectFrom('asyncInvocations')
    .select(COLUMNS)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? viewOf(row) : null;
}

function viewOf<T extends { readonly resultLength: number }>({ resultLength, ...row }: T) {
  return { ...row, resultBytes: resultLength };
}

function missing(id: string): PlatformError {
  return new PlatformError('not_found', `There is no asynchronous invocation ${id}`, {
    hint: 'They are removed when spec.async.resultsFor has passed.',
  });
}
