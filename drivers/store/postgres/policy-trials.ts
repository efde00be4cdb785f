import { sql } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { PolicyTrial } from '../../../core/warming/policy-trial';
import type { PolicyStore, PolicyTrialRecord } from '../policy-store';
import type { Database } from './database-schema';

/** Verdicts that are kept: with one an hour, half a year. */
const KEPT_VERDICTS = 4_000;

export function policyTrialQueries(db: Database): PolicyStore {
  return {
    async policyTrial() {
      const row = await db.selectFrom('policyTrial').selectAll().executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    setPolicyTrial: (next, generation) =>
      db.transaction().execute((transaction) => replace(transaction, next, generation)),

    writePolicyVerdict: ({ from, to, prices, ...verdict }, change) =>
      db.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('policyVerdicts')
          .values({ ...verdict, windowFrom: from, windowTo: to, prices: JSON.stringify(prices) })
          .onConflict((conflict) => conflict.column('runId').doNothing())
          .executeTakeFirstOrThrow();
        if (!numInsertedOrUpdatedRows) return;
        if (change) await replace(transaction, change.next, change.generation);
        await sql`
          delete from policy_verdicts where at < (
            select at from policy_verdicts order by at desc offset ${KEPT_VERDICTS} limit 1
          )`.execute(transaction);
      }),

    async policyVerdicts(limit) {
      const rows = await db.selectFrom('policyVerdicts').selectAll().orderBy('at', 'desc').limit(limit).execute();
      return rows.map(({ windowFrom, windowTo, ...row }) => ({ ...row, from: windowFrom, to: windowTo }));
    },
  };
}

async function replace(db: Database, next: PolicyTrial, generation: number): Promise<PolicyTrialRecord> {
  const values = { ...next, reverted: [...next.reverted], generation: generation + 1 };
  const row =
    generation === 0
      ? await db
          .insertInto('policyTrial')
          .values(values)
          .onConflict((conflict) => conflict.column('single').doNothing())
          .returningAll()
          .executeTakeFirst()
      : await db
          .updateTable('policyTrial')
          .set({ ...values, updatedAt: sql`now()` })
          .where('generation', '=', generation)
          .returningAll()
          .executeTakeFirst();
  if (!row) {
    throw new PlatformError('precondition_failed', 'The policies have been changed meanwhile', {
      hint: 'Look at them again, then repeat the change.',
    });
  }
  return recordOf(row);
}

function recordOf({ single: _, ...row }: PolicyTrialRecord & { readonly single: boolean }): PolicyTrialRecord {
  return row;
}
