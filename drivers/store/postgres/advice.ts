import { sql, type Selectable } from 'kysely';
import { PlatformError } from '../../../core/error/platform-error';
import type { AdviceRecord, AdviceStore, HeldMemory } from '../advice-store';
import { revisionMemory } from '../revision-memory';
import type { RecordSink } from '../store';
import type { AdviceTables } from './advice-tables';
import type { Database } from './database-schema';
import { jsonRows, storableJson } from './json-rows';

const HOUR_MS = 3_600_000;
const MOST = 1_000;
/** What a new finding may take the place of. */
const REPLACED = ['open', 'kept', 'failed'] as const;

export function adviceQueries(db: Database): AdviceStore & Pick<RecordSink, 'writeMemoryHours'> {
  return {
    async writeMemoryHours(batch) {
      await sql`
        insert into memory_hours (revision_id, hour, node, incarnation, looks)
        select revision_id, hour, node, incarnation, looks
        from json_populate_recordset(null::memory_hours, ${jsonRows(batch)}::json)
        on conflict (revision_id, hour, node, incarnation) do update set looks = excluded.looks`.execute(db);
    },

    async revisionMemory({ from, to }) {
      const rows = await db
        .selectFrom('memoryHours')
        .select(['revisionId', 'hour', 'looks'])
        .where('hour', '>', new Date(from.getTime() - HOUR_MS))
        .where('hour', '<', to)
        .orderBy('hour')
        .execute();
      return revisionMemory(rows);
    },

    async heldMemory({ from, to }) {
      const { rows } = await sql<HeldMemory>`
        select function_id, sum(running_byte_ms)::float8 as running_byte_ms, sum(frozen_byte_ms)::float8 as frozen_byte_ms
        from held_minutes where minute >= ${from} and minute < ${to} group by function_id`.execute(db);
      return rows;
    },

    replaceAdvice: (found, { at, tenant, strategies }) =>
      db.transaction().execute(async (transaction) => {
        let gone = transaction.deleteFrom('recommendations').where('state', '=', 'open');
        if (tenant !== null) gone = gone.where('tenant', '=', tenant);
        if (strategies !== null) gone = gone.where('strategy', 'in', [...strategies]);
        if (found.length > 0) gone = gone.where('id', 'not in', found.map(({ id }) => id)); // prettier-ignore
        await gone.execute();
        for (const { evidence, change, monthlySaving, ...advice } of found) {
          const figures = { title: advice.title, evidence: storableJson(evidence), monthlySaving: String(monthlySaving), confidence: advice.confidence, foundAt: at }; // prettier-ignore
          await transaction
            .insertInto('recommendations')
            .values({
              ...advice,
              ...figures,
              change: storableJson(change),
              reason: null,
              appliedBy: null,
              appliedAt: null,
              decidedAt: null,
              workflowId: null,
            }) // prettier-ignore
            .onConflict((conflict) =>
              conflict
                .column('id')
                .doUpdateSet({
                  ...figures,
                  state: sql`case when recommendations.state in (${sql.join(REPLACED)}) then 'open' else recommendations.state end`,
                  reason: sql`case when recommendations.state in (${sql.join(REPLACED)}) then null else recommendations.reason end`,
                })
                .where('recommendations.state', 'not in', ['applying', 'watching']),
            )
            .execute();
        }
      }),

    async findAdvice(id) {
      const row = await db.selectFrom('recommendations').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? recordOf(row) : null;
    },

    async advice({ tenant, states, limit = MOST }) {
      let select = db.selectFrom('recommendations').selectAll();
      if (tenant !== null) select = select.where('tenant', '=', tenant);
      if (states) select = select.where('state', 'in', [...states]);
      const rows = await select.orderBy('monthlySaving', 'desc').orderBy('id').limit(limit).execute();
      return rows.map(recordOf);
    },

    async stepAdvice(id, step, onlyIf) {
      const row = await db
        .updateTable('recommendations')
        .set(step)
        .where('id', '=', id)
        .where('state', 'in', [...onlyIf])
        .returningAll()
        .executeTakeFirst();
      if (row) return recordOf(row);
      const known = await db.selectFrom('recommendations').select('state').where('id', '=', id).executeTakeFirst();
      if (!known) throw new PlatformError('not_found', `There is no recommendation ${id}`);
      throw new PlatformError(
        'precondition_failed',
        `Recommendation ${id} is ${known.state}, not ${onlyIf.join(' or ')}`,
      );
    },
  };
}

function recordOf({ monthlySaving, ...row }: Selectable<AdviceTables['recommendations']>): AdviceRecord {
  return { ...row, monthlySaving: BigInt(monthlySaving) };
}
