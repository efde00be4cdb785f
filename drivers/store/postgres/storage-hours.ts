import { sql } from 'kysely';
import { GB_MONTH, priceParts } from '../../../core/cost/warmth/held-amount';
import { TIERS } from '../../../core/function/manifest';
import type { HeldStore } from '../held-store';
import type { Database } from './database-schema';

type StorageQueries = Pick<HeldStore, 'chargeStorage' | 'storageHours'>;

/** Hours that are charged at once at most: those of a platform that stood still for longer are forgotten. */
const MOST_HOURS = 24;

export function storageHourQueries(db: Database): StorageQueries {
  return {
    async chargeStorage(now, prices) {
      const tiers = TIERS.map((tier) => {
        const { pricing, checkpointGbMonth } = prices[tier];
        return { tier, pricing, parts: priceParts(checkpointGbMonth).toString() };
      });
      return db.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(hashtext('presage_storage'))`.execute(transaction);
        const { numAffectedRows = 0n } = await sql`
          with ended as (
            select date_trunc('hour', ${now}::timestamptz, 'UTC') as until
          ), hours as (
            select generate_series(
              greatest(
                until - interval '1 hour' * ${MOST_HOURS},
                coalesce((select max(hour) + interval '1 hour' from storage_hours), until - interval '1 hour')
              ), until - interval '1 hour', interval '1 hour') as hour
            from ended
          ), kept as (
            select functions.id as function_id, functions.tenant, functions.name as function, hour,
              coalesce(nodes.tier, 'central') as tier,
              sum(sealed_bytes::numeric * floor(1000 * extract(epoch from
                hour + interval '1 hour' - greatest(hour, checkpoints.created_at)))::numeric) as byte_ms
            from checkpoints
            join revisions on revisions.id = checkpoints.revision_id
            join functions on functions.id = revisions.function_id
            join hours on checkpoints.created_at < hour + interval '1 hour'
            left join nodes on nodes.name = checkpoints.node
            where checkpoints.state in ('ready', 'quarantined') and sealed_bytes > 0
            group by 1, 2, 3, 4, 5
          )
          insert into storage_hours (function_id, hour, pricing, tenant, function, byte_ms, cost_storage, unposted)
          select function_id, hour, pricing, tenant, function, byte_ms, cost, cost > 0
          from kept
          join json_to_recordset(${JSON.stringify(tiers)}::json) as price (tier text, pricing text, parts numeric) using (tier),
            lateral (select presage_held_amount(byte_ms, parts, ${GB_MONTH.toString()}::numeric) as cost) as priced
          where byte_ms > 0
          on conflict do nothing`.execute(transaction);
        return Number(numAffectedRows);
      });
    },

    async storageHours({ functionId, from, to }) {
      const rows = await db
        .selectFrom('storageHours')
        .select(['tenant', 'functionId', 'function', 'hour', 'pricing', 'byteMs', 'costStorage'])
        .where('functionId', '=', functionId)
        .where('hour', '>=', from)
        .where('hour', '<', to)
        .orderBy('hour')
        .orderBy('pricing')
        .execute();
      return rows.map(({ byteMs, costStorage, ...row }) => ({
        ...row,
        byteMs: BigInt(byteMs),
        cost: BigInt(costStorage),
      }));
    },
  };
}
