import { sql } from 'kysely';
import { GB_SECOND, priceParts } from '../../../core/cost/warmth/held-amount';
import { heldRowJson } from '../../../core/cost/warmth/held-batch';
import type { HeldStore } from '../held-store';
import type { Store } from '../store';
import type { Database } from './database-schema';
import { storableJson } from './json-rows';

type HeldQueries = Pick<HeldStore, 'heldMinutes'> & Pick<Store, 'writeHeld'>;

export function heldMinuteQueries(db: Database): HeldQueries {
  return {
    async writeHeld(batch) {
      if (batch.rows.length === 0) return;
      const { id, node, pricing, prices } = batch;
      const running = priceParts(prices.gbSecondRunning).toString();
      const frozen = priceParts(prices.gbSecondFrozen).toString();
      const amount = (byteMs: string, parts: string) =>
        sql`presage_held_amount(${sql.raw(byteMs)}, ${parts}::numeric, ${GB_SECOND.toString()}::numeric)`;
      const kept = (column: string): string => `old.${column} + excluded.${column}`;
      const atRunning = amount(`${kept('running_byte_ms')} + ${kept('shared_byte_ms')}`, running);
      const whole = sql`(${atRunning} + ${amount(kept('frozen_byte_ms'), frozen)})`;
      // Rows in one order for all writers cannot deadlock. Another writer of the same report waits, and finds it written.
      await sql`
        with fresh as (
          insert into held_batches (id) values (${id}) on conflict do nothing returning id
        )
        insert into held_minutes as old
          (function_id, minute, node, pricing, tenant, function, running_byte_ms, frozen_byte_ms, shared_byte_ms, cost_warmth, unposted)
        select "functionId", minute, ${node}, ${pricing}, tenant, function, "runningByteMs", "frozenByteMs", "sharedByteMs",
          cost, tenant is not null and cost > 0
        from json_to_recordset(${storableJson(batch.rows.map(heldRowJson))}::json) as given
          ("functionId" text, minute timestamptz, tenant text, function text,
           "runningByteMs" numeric, "frozenByteMs" numeric, "sharedByteMs" numeric),
          lateral (select ${amount('"runningByteMs" + "sharedByteMs"', running)} + ${amount('"frozenByteMs"', frozen)} as cost) as priced
        where exists (select 1 from fresh)
        order by "functionId", minute
        on conflict (function_id, minute, node, pricing) do update set
          running_byte_ms = old.running_byte_ms + excluded.running_byte_ms,
          frozen_byte_ms = old.frozen_byte_ms + excluded.frozen_byte_ms,
          shared_byte_ms = old.shared_byte_ms + excluded.shared_byte_ms,
          cost_warmth = ${whole},
          unposted = old.tenant is not null and ${whole} > old.posted_warmth`.execute(db);
    },

    async heldMinutes({ functionId, from, to }) {
      const rows = await db
        .selectFrom('heldMinutes')
        .select(['tenant', 'functionId', 'function', 'minute', 'node', 'pricing'])
        .select(['runningByteMs', 'frozenByteMs', 'sharedByteMs', 'costWarmth'])
        .where('functionId', '=', functionId)
        .where('minute', '>=', from)
        .where('minute', '<', to)
        .orderBy('minute')
        .orderBy('node')
        .orderBy('pricing')
        .execute();
      return rows.map(({ runningByteMs, frozenByteMs, sharedByteMs, costWarmth, ...row }) => ({
        ...row,
        runningByteMs: BigInt(runningByteMs),
        frozenByteMs: BigInt(frozenByteMs),
        sharedByteMs: BigInt(sharedByteMs),
        cost: BigInt(costWarmth),
      }));
    },
  };
}
