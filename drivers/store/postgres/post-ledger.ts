import { sql } from 'kysely';
import type { Posting } from '../cost-store';
import type { Database } from './database-schema';
import { LEDGER_SOURCES, type LedgerSource } from './ledger-sources';

const MINUTE_MS = 60_000;
/** Minutes of functions in one transaction: writers that count the same ones wait no longer than it takes. */
const ROWS = 500;

interface PostedRow {
  readonly lines: number;
  readonly amount: string;
}

/** As `CostStore.postLedger`: each transaction of its own, so that what is posted stays whatever becomes of the rest. */
export async function postLedger(db: Database, now: Date): Promise<Posting> {
  const before = new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS);
  let posted: Posting = { lines: 0, amount: 0n };
  for (const source of LEDGER_SOURCES) {
    for (;;) {
      const some = await postSome(db, source, before);
      if (some.lines === 0) break;
      posted = { lines: posted.lines + some.lines, amount: posted.amount + some.amount };
    }
  }
  return posted;
}

/**
 * The lock makes ids grow in the order in which lines become visible: `ledger_head` says up to which id a reader has seen
 * everything.
 */
function postSome(db: Database, source: LedgerSource, before: Date): Promise<Posting> {
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('presage_ledger'))`.execute(transaction);
    const { rows } = await sql<PostedRow>`
      with ${source.take(before, ROWS)}, posted as (
        insert into ledger (minute, tenant, function_id, function, component, quantity, amount)
        select taken.minute, taken.tenant, function_id, coalesce(functions.name, function_id), component, quantity, amount
        from taken left join functions on functions.id = function_id
        where amount > 0
        order by minute, function_id, component
        returning id, minute, tenant, function_id, function, component, quantity, amount
      ), hours as (
        insert into ledger_hours as old (tenant, hour, function_id, component, function, quantity, amount)
        select tenant, date_trunc('hour', minute, 'UTC'), function_id, component, min(function), sum(quantity), sum(amount)
        from posted group by 1, 2, 3, 4 order by 1, 2, 3, 4
        on conflict (tenant, hour, function_id, component) do update set
          quantity = old.quantity + excluded.quantity, amount = old.amount + excluded.amount
      ), head as (
        update ledger_head set last_id = last.id, posted_at = now()
        from (select max(id) as id from posted) as last where last.id is not null
      )
      select count(*) as lines, coalesce(sum(amount), 0)::text as amount from posted`.execute(transaction);
    const [{ lines, amount } = { lines: 0, amount: '0' }] = rows;
    return { lines, amount: BigInt(amount) };
  });
}
