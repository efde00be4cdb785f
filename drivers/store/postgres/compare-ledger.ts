import { sql, type RawBuilder } from 'kysely';
import { CALL_COMPONENTS } from '../../../core/cost/call-usage';
import { CostTally, type MinuteAmount } from '../../../core/cost/cost-tally';
import { PriceBook } from '../../../core/cost/price-book';
import { readBlock } from '../../../core/record/block-reader';
import type { CostStore, LedgerComparison } from '../cost-store';
import type { Database, DatabaseSchema } from './database-schema';
import { COST_LINES } from './minute-costs';

type Query = Parameters<CostStore['compareLedger']>[0];
type BlockRow = Pick<
  DatabaseSchema['invocationBlocks'],
  'at' | 'tenant' | 'functionId' | 'function' | 'calls' | 'times' | 'details'
>;
type CallRow = Parameters<CostTally['add']>[0];

/** Compared of one moment; longer spans bit by bit, so that no transaction stays open for long. */
const SLICE_MS = 600_000;
/** Fetched at once: some megabytes, and some hundredths of a second of this process. */
const [FETCHED_BLOCKS, FETCHED_ROWS] = [50, 2_000];
const EXAMPLES = 20;

/** As `CostStore.compareLedger`. */
export async function compareLedger(db: Database, query: Query): Promise<LedgerComparison> {
  const tables = await db.selectFrom('priceTables').select(['name', 'asOf', 'source', 'tiers']).execute();
  const book = new PriceBook(tables);
  let all: LedgerComparison = { calls: 0, sums: 0, differences: 0, examples: [], unpriced: 0 };
  const end = query.to.getTime();
  for (let from = query.from.getTime(); from < end; from += SLICE_MS) {
    const slice = { ...query, from: new Date(from), to: new Date(Math.min(from + SLICE_MS, end)) };
    const tally = new CostTally(book);
    const { sums, differences } = await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        await tallyCalls(transaction, slice, tally);
        return tally.compare(await charged(transaction, slice));
      });
    all = {
      calls: all.calls + tally.calls,
      sums: all.sums + sums,
      differences: all.differences + differences.length,
      examples: [...all.examples, ...differences].slice(0, EXAMPLES),
      unpriced: all.unpriced + tally.unpriced,
    };
  }
  return all;
}

async function tallyCalls(db: Database, query: Query, tally: CostTally): Promise<void> {
  const chosen = sql`at >= ${query.from} and at < ${query.to} and (${query.tenant}::text is null or tenant = ${query.tenant})`;
  const blocks = sql`
    select at, tenant, function_id, function, calls, times, details from invocation_blocks where ${chosen}`;
  for await (const { at, ...block } of fetched<BlockRow>(db, 'ledger_blocks', blocks, FETCHED_BLOCKS)) {
    const record = readBlock({ ...block, lastAt: at });
    for (let call = 0; call < block.calls; call++) tally.add(record(call));
  }
  const rows = sql`
    select at, tenant, function_id, pricing, kind, cpu_micros, memory_byte_ms, bytes_out, user_region, total_ms
    from invocations where pricing is not null and ${chosen}`;
  for await (const row of fetched<CallRow>(db, 'ledger_rows', rows, FETCHED_ROWS)) tally.add(row);
}

/** The rows of a query, by a cursor of that name. */
async function* fetched<Row>(
  db: Database,
  name: string,
  query: RawBuilder<unknown>,
  count: number,
): AsyncGenerator<Row> {
  const cursor = sql.ref(name);
  await sql`declare ${cursor} no scroll cursor for ${query}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(count)} from ${cursor}`.execute(db);
    yield* rows;
    if (rows.length < count) break;
  }
  await sql`close ${cursor}`.execute(db);
}

/** What calls are charged, or are about to be. */
async function charged(db: Database, { tenant, from, to }: Query): Promise<MinuteAmount[]> {
  const chosen = sql`minute >= ${from} and minute < ${to} and (${tenant}::text is null or tenant = ${tenant})`;
  const { rows } = await sql<Omit<MinuteAmount, 'amount'> & { readonly amount: string }>`
    select tenant, function_id, minute, component, sum(amount)::text as amount from (
      select tenant, function_id, minute, component, amount from ledger
      where ${chosen} and component = any(${[...CALL_COMPONENTS]}::text[])
      union all
      select tenant, function_id, minute, component, amount
      from function_minutes, lateral (values ${COST_LINES}) as line(component, quantity, amount)
      where ${chosen} and unposted and amount > 0
    ) as amounts group by 1, 2, 3, 4`.execute(db);
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}
