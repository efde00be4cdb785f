import { sql } from 'kysely';
import { asyncPolicyOf, type AsyncPolicy } from '../../../core/async/async-policy';
import { parseCron } from '../../../core/function/cron';
import { nextTick } from '../../../core/function/next-tick';
import type { TriggerSpec } from '../../../core/function/trigger-spec';
import type { Database } from '../../store/postgres/database-schema';
import { storableJson } from '../../store/postgres/json-rows';
import type { AsyncQueue, NewAsyncInvocation } from '../async-queue';
import { insertInvocation } from './acceptance';
import { liveRevisions, type LiveRevision } from './live-revisions';

const FIRED_ROWS = 100;

const HAS_TRIGGERS = sql`jsonb_array_length(coalesce(revisions.manifest->'spec'->'triggers', '[]')) > 0`;

/** @param newId makes the id of an invocation */
export function cronQueries(db: Database, newId: () => string): Pick<AsyncQueue, 'syncCron' | 'fireCron'> {
  return {
    syncCron: (now) =>
      db.transaction().execute(async (transaction) => {
        // The tables decide, not what this process remembers of them; one process after the other.
        await sql`select pg_advisory_xact_lock(hashtext('presage_cron'))`.execute(transaction);
        const kept: string[] = [];
        for (const { manifest, ...fn } of await liveRevisions(transaction, HAS_TRIGGERS)) {
          const policy = asyncPolicyOf(manifest);
          for (const trigger of manifest.spec.triggers) {
            if (trigger.cron === undefined || !policy) continue;
            kept.push(`${fn.functionId}/${trigger.name}`);
            await keep(transaction, fn, trigger, policy, now);
          }
        }
        await sql`
          delete from cron_triggers where not (function_id || '/' || name = any(${kept}::text[]))`.execute(transaction);
      }),

    fireCron: (now) =>
      db.transaction().execute(async (transaction) => {
        const due = await transaction
          .selectFrom('cronTriggers')
          .selectAll()
          .where('nextAt', '<=', now)
          .orderBy('nextAt')
          .limit(FIRED_ROWS)
          .forUpdate()
          .skipLocked()
          .execute();
        let fired = 0;
        for (const row of due) {
          const { trigger, policy } = row;
          const tick = row.nextAt?.getTime() ?? now.getTime();
          // A tick that was missed while nothing ran is made up for, unless it would be too old to be tried.
          const tooOld = now.getTime() - policy.maxAgeMs;
          if (tick > tooOld) {
            await insertInvocation(transaction, tickInvocation(row, newId(), tick));
            fired++;
          }
          const next = nextTick(parseCron(trigger.cron ?? ''), trigger.timeZone, Math.max(tick, tooOld));
          await transaction
            .updateTable('cronTriggers')
            .set({ nextAt: next === null ? null : new Date(next) })
            .where('functionId', '=', row.functionId)
            .where('name', '=', row.name)
            .execute();
        }
        return fired;
      }),
  };
}

/** An expression that has not changed keeps its next tick, also one that is due. */
async function keep(
  db: Database,
  fn: Omit<LiveRevision, 'manifest'>,
  trigger: TriggerSpec,
  policy: AsyncPolicy,
  now: Date,
): Promise<void> {
  const next = nextTick(parseCron(trigger.cron ?? ''), trigger.timeZone, now.getTime());
  const nextAt = next === null ? null : new Date(next);
  await sql`
    insert into cron_triggers as old (function_id, name, tenant, function, trigger, policy, next_at)
    values (${fn.functionId}, ${trigger.name}, ${fn.tenant}, ${fn.function}, ${storableJson(trigger)}::jsonb,
      ${JSON.stringify(policy)}::jsonb, ${nextAt})
    on conflict (function_id, name) do update set
      trigger = excluded.trigger, policy = excluded.policy,
      next_at = case
        when old.trigger->>'cron' = excluded.trigger->>'cron' and old.trigger->>'timeZone' = excluded.trigger->>'timeZone'
        then old.next_at else excluded.next_at
      end`.execute(db);
}

function tickInvocation(
  row: {
    readonly functionId: string;
    readonly tenant: string;
    readonly function: string;
    readonly trigger: TriggerSpec;
    readonly policy: AsyncPolicy;
  },
  id: string,
  tick: number,
): NewAsyncInvocation {
  const { functionId, tenant, function: name, trigger, policy } = row;
  const inline = trigger.body === undefined ? null : Buffer.from(trigger.body);
  const own = Object.entries(trigger.headers).flat();
  return {
    id,
    tenant,
    functionId,
    function: name,
    alias: 'live',
    origin: 'cron',
    policy,
    idempotency: null,
    request: {
      method: trigger.method,
      path: trigger.path,
      headers: [...own, 'x-trigger-name', trigger.name, 'x-trigger-time', new Date(tick).toISOString()],
      body: { inline, digest: null, length: inline?.length ?? 0 },
      remoteAddress: null,
    },
  };
}
