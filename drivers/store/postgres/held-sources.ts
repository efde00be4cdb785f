import { sql } from 'kysely';
import { GB_MONTH_BYTE_MS, GB_SECOND_BYTE_MS } from '../../../core/cost/warmth/held-amount';
import type { LedgerSource } from './ledger-sources';

/** Idle memory, by function, minute, node and prices. Reports may come late: what is in the ledger of a row stands beside it. */
export const warmthSource: LedgerSource = {
  waiting: sql`select tenant, function_id, minute, cost_warmth - posted_warmth as amount from held_minutes where unposted`,
  take: (before, rows) => sql`
    due as materialized (
      select *, running_byte_ms + shared_byte_ms + frozen_byte_ms as byte_ms
      from held_minutes where unposted and minute < ${before}
      order by function_id, minute, node, pricing limit ${rows} for update
    ), cleared as (
      update held_minutes as own
      set posted_byte_ms = due.byte_ms, posted_warmth = due.cost_warmth, unposted = false
      from due
      where (own.function_id, own.minute, own.node, own.pricing) = (due.function_id, due.minute, due.node, due.pricing)
    ), taken as (
      select minute, tenant, function_id, 'warmth' as component,
        (sum(byte_ms - posted_byte_ms) / ${sql.lit(GB_SECOND_BYTE_MS)})::float8 as quantity,
        sum(cost_warmth - posted_warmth) as amount
      from due group by 1, 2, 3
    )`,
};

/** Checkpoints, by function, hour and prices. */
export const storageSource: LedgerSource = {
  waiting: sql`select tenant, function_id, hour as minute, cost_storage as amount from storage_hours where unposted`,
  take: (before, rows) => sql`
    due as materialized (
      select * from storage_hours where unposted and hour < ${before}
      order by function_id, hour, pricing limit ${rows} for update
    ), cleared as (
      update storage_hours as own set unposted = false from due
      where (own.function_id, own.hour, own.pricing) = (due.function_id, due.hour, due.pricing)
    ), taken as (
      select hour as minute, tenant, function_id, 'storage' as component,
        (sum(byte_ms) / ${sql.lit(GB_MONTH_BYTE_MS)})::float8 as quantity, sum(cost_storage) as amount
      from due group by 1, 2, 3
    )`,
};
