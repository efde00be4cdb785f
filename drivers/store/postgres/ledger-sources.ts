import { sql, type RawBuilder } from 'kysely';
import { storageSource, warmthSource } from './held-sources';
import { COST_CLEARED, COST_LINES, COST_PAID } from './minute-costs';

/** Where charges come from before they are in the ledger. */
export interface LedgerSource {
  /**
   * What waits and is to be paid: tenant, function_id, minute, amount, as often as there are rows.
   * Only rows that are marked as unposted, so that an index has them.
   */
  readonly waiting: RawBuilder<unknown>;
  /**
   * Parts of a statement, of which the last one, `taken`, gives minute, tenant, function_id, component, quantity and amount:
   * they take at most so many rows of the minutes before a time, in the order in which writers lock them, and leave nothing
   * to be posted in them.
   */
  take(before: Date, rows: number): RawBuilder<unknown>;
}

/** Calls, by function and minute. */
const calls: LedgerSource = {
  waiting: sql`select tenant, function_id, minute, ${COST_PAID} as amount from function_minutes where unposted`,
  take: (before, rows) => sql`
    marked as materialized (
      select function_id, minute from function_minutes where unposted and minute < ${before}
    ), chosen as materialized (
      select function_id, minute from marked order by function_id, minute limit ${rows}
    ), due as materialized (
      select own.* from function_minutes as own join chosen using (function_id, minute)
      where own.unposted order by own.function_id, own.minute for update of own
    ), cleared as (
      update function_minutes as own set ${COST_CLEARED}
      from due where own.function_id = due.function_id and own.minute = due.minute
    ), taken as (
      select minute, tenant, function_id, component, quantity, amount
      from due, lateral (values ${COST_LINES}) as line(component, quantity, amount)
    )`,
};

export const LEDGER_SOURCES: readonly LedgerSource[] = [calls, warmthSource, storageSource];
