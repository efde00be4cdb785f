import { sql, type RawBuilder } from 'kysely';
import { CostTally, type KeptRow, type MinuteAmount } from '../../../core/cost/cost-tally';
import { PriceBook } from '../../../core/cost/price-book';
import type { UnitPrices } from '../../../core/cost/price-table';
import { storageCost } from '../../../core/cost/storage-cost';
import { warmthCost } from '../../../core/cost/warmth/warmth-cost';
import { readBlock } from '../../../core/record/block-reader';
import type { CostStore, LedgerComparison } from '../cost-store';
import type { Database, DatabaseSchema } from './database-schema';
import { storageSource, warmthSource } from './held-sources';
import { COST_LINES } from './minute-costs';

type Query = Parameters<CostStore['compareLedger']>[0];
type BlockRow = Pick<
  DatabaseSchema['invocationBlocks'],
  'at' | 'tenant' | 'functionId' | 'function' | 'calls' | 'times' | 'details'
>;
type CallRow = Parameters<CostTally['add']>[0];
type KeptText = Pick<KeptRow, 'tenant' | 'functionId' | 'minute' | 'pricing'> & { readonly cost: string };
type WarmthRow = KeptText & Readonly<Record<'running' | 'frozen' | 'shared', string>>;
type StorageRow = KeptText & { readonly byteMs: string };

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
        await tallyKept(transaction, slice, tally);
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

/** Idle memory, and checkpoints of the hours that begin in the span. What is the platform's own is charged to nobody. */
async function tallyKept(db: Database, { tenant, from, to }: Query, tally: CostTally): Promise<void> {
  const chosen = (time: string) =>
    sql`${sql.ref(time)} >= ${from} and ${sql.ref(time)} < ${to}
      and tenant is not null and (${tenant}::text is null or tenant = ${tenant})`;
  const warmth = sql`
    select tenant, function_id, minute, pricing, cost_warmth::text as cost, running_byte_ms::text as running,
      frozen_byte_ms::text as frozen, shared_byte_ms::text as shared
    from held_minutes where ${chosen('minute')}`;
  for await (const { running, frozen, shared, cost, ...of } of fetched<WarmthRow>(
    db,
    'ledger_held',
    warmth,
    FETCHED_ROWS,
  )) {
    const held = { runningByteMs: BigInt(running), frozenByteMs: BigInt(frozen), sharedByteMs: BigInt(shared) };
    tally.keep({ ...of, component: 'warmth', cost: BigInt(cost) }, (prices) => warmthCost(held, prices));
  }
  const storage = sql`
    select tenant, function_id, hour as minute, pricing, cost_storage::text as cost, byte_ms::text as byte_ms
    from storage_hours where ${chosen('hour')}`;
  for await (const { byteMs, cost, ...of } of fetched<StorageRow>(db, 'ledger_stored', storage, FETCHED_ROWS)) {
    const reckon = ({ checkpointGbMonth }: UnitPrices): bigint => storageCost(BigInt(byteMs), checkpointGbMonth);
    tally.keep({ ...of, component: 'storage', cost: BigInt(cost) }, reckon);
  }
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

/** What is charged, or is about to be. */
async function charged(db: Database, { tenant, from, to }: Query): Promise<MinuteAmount[]> {
  const chosen = sql`minute >= ${from} and minute < ${to} and (${tenant}::text is null or tenant = ${tenant})`;
  const { rows } = await sql<Omit<MinuteAmount, 'amount'> & { readonly amount: string }>`
    select tenant, function_id, minute, component, sum(amount)::text as amount from (
      select tenant, function_id, minute, component, amount from ledger
      where ${chosen}
      union all
      select tenant, function_id, minute, component, amount
      from function_minutes, lateral (values ${COST_LINES}) as line(component, quantity, amount)
      where ${chosen} and unposted and amount > 0
      union all
      select tenant, function_id, minute, 'warmth', amount from (${warmthSource.waiting}) as warmth where ${chosen}
      union all
      select tenant, function_id, minute, 'storage', amount from (${storageSource.waiting}) as storage where ${chosen}
    ) as amounts group by 1, 2, 3, 4`.execute(db);
  return rows.map((row) => ({ ...row, amount: BigInt(row.amount) }));
}
