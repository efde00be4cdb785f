import { sql } from 'kysely';
import { z } from 'zod';
import { priceTableId } from '../../../core/cost/price-table-id';
import type { CostComponent } from '../../../core/cost/price-table';
import type { CostStore, LedgerLine } from '../cost-store';
import { compareLedger } from './compare-ledger';
import { pageLimit, pageOf, readCursor, type CursorShape } from './cursor';
import type { Database } from './database-schema';
import { linesBetween } from './ledger-lines';
import { postLedger } from './post-ledger';
import { SpendReader } from './spend';

/** Where the next page of lines begins: after this one. */
const position = z.tuple([z.iso.datetime(), z.string(), z.string()]);

interface LineRow {
  readonly time: Date;
  readonly functionId: string;
  readonly function: string;
  readonly component: CostComponent;
  readonly quantity: number;
  readonly amount: string;
}

export function costQueries(db: Database): CostStore {
  const spends = new SpendReader(db);
  return {
    async putPriceTable(table) {
      const { name, asOf, source, tiers } = table;
      const id = priceTableId(table);
      await db
        .insertInto('priceTables')
        .values({ id, name, asOf, source, tiers: JSON.stringify(tiers) })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      return id;
    },

    async priceTable(id) {
      const found = await db
        .selectFrom('priceTables')
        .select(['name', 'asOf', 'source', 'tiers'])
        .where('id', '=', id)
        .executeTakeFirst();
      return found ?? null;
    },

    postLedger: (now) => postLedger(db, now),

    async ledger(query) {
      const { by, tenant, functionId, components, sum = false } = query;
      const shape: CursorShape<z.infer<typeof position>> = {
        kind: `ledger-${by}${sum ? '-sum' : ''}`,
        schema: position,
      };
      const own = (column: string) => (sum ? sql`''::text` : sql.ref(column));
      const after = readCursor(shape, query);
      // What came before the position's step need not be read again.
      const from = after ? new Date(Math.max(query.from.getTime(), Date.parse(after[0]))) : query.from;
      const { rows } = await sql<LineRow>`
        select * from (
          select date_trunc(${by}, time, 'UTC') as time, ${own('function_id')} as function_id, min(${own('function')}) as function, component,
            sum(quantity) as quantity, sum(amount)::text as amount
          from (${linesBetween(tenant, { from, to: query.to }, by !== 'minute')}) as line
          where (${functionId ?? null}::text is null or function_id = ${functionId ?? null})
            and (${components ? [...components] : null}::text[] is null or component = any(${components ? [...components] : null}::text[]))
          group by 1, 2, 4
        ) as lines
        where ${after ? sql`(time, function_id collate "C", component collate "C") > (${after[0]}::timestamptz, ${after[1]}, ${after[2]})` : sql`true`}
        order by time, function_id collate "C", component collate "C" limit ${pageLimit(query) + 1}`.execute(db);
      const lines = rows.map((row): LedgerLine => ({ ...row, amount: BigInt(row.amount) }));
      return pageOf(lines, query, shape, (line) => [line.time.toISOString(), line.functionId, line.component]);
    },

    compareLedger: (query) => compareLedger(db, query),

    async keepLedgerCheck({ from, to, ...check }) {
      await db
        .insertInto('ledgerChecks')
        .values({ ...check, windowFrom: from, windowTo: to })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    async latestLedgerCheck() {
      const found = await db
        .selectFrom('ledgerChecks')
        .selectAll()
        .where('tenant', 'is', null)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst();
      if (!found) return null;
      const { windowFrom: from, windowTo: to, ...check } = found;
      return { ...check, from, to };
    },

    spend: (queries) => spends.read(queries),
  };
}
