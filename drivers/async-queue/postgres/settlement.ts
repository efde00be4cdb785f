import { sql } from 'kysely';
import { asyncPolicyOf } from '../../../core/async/async-policy';
import type { NextStep } from '../../../core/async/next-step';
import type { Database } from '../../store/postgres/database-schema';
import { storableJson, storableText } from '../../store/postgres/json-rows';
import { inOrder, notify } from '../../store/postgres/notify';
import type { AsyncQueue, TryReport } from '../async-queue';
import { insertInvocation } from './acceptance';
import { historyWith } from './claims';
import { destinationRequest } from './destination-request';
import { addJob } from './jobs';
import { liveRevisions } from './live-revisions';

/** Destinations of destinations: a circle ends here. */
const MAX_HOPS = 8;

/** @param newId makes the id of an invocation that a destination gets */
export function settlementQueries(db: Database, newId: () => string): Pick<AsyncQueue, 'settle'> {
  return {
    // One transaction: the end, what comes next and what others learn of it, or nothing of them.
    settle: (report) =>
      db.transaction().execute(async (transaction) => {
        const row = await update(transaction, report);
        if (!row) return false;
        const { step } = report;
        if (step.state === 'waiting') {
          await addJob(transaction, row.id, row.functionId, new Date(step.dueAt));
          return true;
        }
        if (step.state === 'dead') await tellOfDeath(transaction, row, step.reason);
        await passOn(transaction, row, report, newId());
        return true;
      }),
  };
}

type SettledRow = NonNullable<Awaited<ReturnType<typeof update>>>;

/** Compare-and-set on the number of the try: of several processes that believe to hold it, one writes. */
function update(db: Database, report: TryReport) {
  const { step, result, status, error, errorCode, ms } = report;
  const words = error === null ? null : storableText(errorCode === null ? error : `${errorCode}: ${error}`);
  const entry = { try: report.try, at: new Date(Date.now() - ms).toISOString(), ms, status, error: words };
  const over = step.state !== 'waiting';
  return db
    .updateTable('asyncInvocations')
    .set({
      state: step.state,
      worker: null,
      reason:
        step.state === 'dead' ? storableText(`${step.reason}${words === null ? '' : `; at last ${words}`}`) : words,
      history: historyWith(entry),
      resultStatus: result?.status ?? null,
      resultHeaders: result === null ? null : storableJson(result.headers),
      resultBody: result?.body.inline ?? null,
      resultDigest: result?.body.digest ?? null,
      resultLength: result?.body.length ?? 0,
      resultTruncated: result?.truncated ?? false,
      ...(step.state === 'waiting' ? { failures: step.failures, dueAt: new Date(step.dueAt) } : {}),
      ...(over ? { endedAt: sql<Date>`now()`, forgetAt: forgetAt(step.state) } : {}),
    })
    .where('id', '=', report.id)
    .where('tries', '=', report.try)
    .where('state', '=', 'running')
    .returningAll()
    .executeTakeFirst();
}

/** When a row with this end is forgotten, by its own policy. */
export function forgetAt(state: NextStep['state'] | 'cancelled') {
  const field = state === 'dead' ? 'deadLettersForMs' : 'resultsForMs';
  return sql<Date>`now() + (policy->>${sql.lit(field)})::float8 * interval '1 millisecond'`;
}

async function tellOfDeath(db: Database, row: SettledRow, reason: string): Promise<void> {
  await inOrder(db, 'events');
  const data = storableJson({ invocation: row.id, tries: row.tries, reason });
  const { tenant, function: name } = row;
  await db
    .insertInto('events')
    .values({ at: new Date(), tenant, type: 'async.dead', function: name, node: null, data })
    .execute();
  await notify(db, 'events', [tenant]);
}

/** Tells the destination, as an asynchronous invocation of its own. One that does not exist is told nothing. */
async function passOn(db: Database, row: SettledRow, report: TryReport, id: string): Promise<void> {
  const name = report.step.state === 'succeeded' ? row.policy.onSuccess : row.policy.onFailure;
  if (name === null || row.hops >= MAX_HOPS) return;
  const [target] = await liveRevisions(db, sql`functions.tenant = ${row.tenant} and functions.name = ${name}`);
  const policy = target && asyncPolicyOf(target.manifest);
  if (!policy) return;
  await insertInvocation(
    db,
    {
      id,
      tenant: row.tenant,
      functionId: target.functionId,
      function: name,
      alias: 'live',
      origin: 'destination',
      request: destinationRequest(row, report),
      policy,
      idempotency: null,
    },
    row.hops + 1,
  );
}
