import { sql } from 'kysely';
import { CREDIT } from '../../../core/cost/price-table';
import type { Spend, SpendQuery } from '../cost-store';
import type { Database } from './database-schema';
import { linesBetween } from './ledger-lines';
import { LEDGER_SOURCES } from './ledger-sources';

/** Sums by function, in picodollars. */
type Sums = ReadonlyMap<string, bigint>;
/** What the ledger holds of a tenant's span, up to the line with this id. */
interface Posted {
  readonly lastId: number;
  readonly sums: Sums;
}
interface SumRow {
  readonly lastId: number;
  readonly ask: number | null;
  readonly functionId: string | null;
  readonly amount: string | null;
}

/** Spans that are remembered; each holds a number for each function that has spent anything. */
const MOST_SPANS = 1_000;

/**
 * Reads what has been spent. The ledger is only added to, so what was read of it stays true: each further read takes the
 * lines that came since, mostly none, and what is not posted yet.
 */
export class SpendReader {
  readonly #posted = new Map<string, Posted>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly db: Database) {}

  /** One reading at a time: each goes on from where the one before has come to. */
  read(queries: readonly SpendQuery[]): Promise<Spend[]> {
    const read = this.#turn.then(() => this.#read(queries));
    this.#turn = read.catch(() => undefined);
    return read;
  }

  async #read(queries: readonly SpendQuery[]): Promise<Spend[]> {
    if (queries.length === 0) return [];
    for (const query of queries) if (!this.#posted.has(keyOf(query))) this.#keep(query, await this.#whole(query));
    const readFrom = new Date();
    const { lastId, waiting } = await this.#waiting(queries);
    // A store that was set back holds less than it did.
    if (queries.some((query) => (this.#posted.get(keyOf(query))?.lastId ?? 0) > lastId)) {
      this.#posted.clear();
      return this.#read(queries);
    }
    const spends: Spend[] = [];
    for (const [place, query] of queries.entries()) {
      const posted = await this.#upTo(query, lastId);
      spends.push(spendOf(query, added(posted.sums, waiting.get(place) ?? new Map<string, bigint>()), readFrom));
    }
    this.#forget(Math.max(MOST_SPANS, queries.length));
    return spends;
  }

  #forget(most: number): void {
    for (const key of this.#posted.keys()) {
      if (this.#posted.size <= most) break;
      this.#posted.delete(key);
    }
  }

  /** What waits to be posted, and up to which line the ledger went at that very moment. */
  async #waiting(
    queries: readonly SpendQuery[],
  ): Promise<{ lastId: number; waiting: Map<number, Map<string, bigint>> }> {
    const asked = JSON.stringify(queries.map(({ tenant, from, to }, place) => ({ place, tenant, from, until: to })));
    const sources = sql.join(
      LEDGER_SOURCES.map(({ waiting }) => waiting),
      sql` union all `,
    );
    const { rows } = await sql<SumRow>`
      select last_id, sums.ask, sums.function_id, sums.amount
      from ledger_head left join (
        select place as ask, function_id, sum(amount)::text as amount
        from json_to_recordset(${asked}::json) as asked(place integer, tenant text, "from" timestamptz, until timestamptz)
        join (${sources}) as own
          on own.tenant = asked.tenant and own.minute >= asked."from" and own.minute < asked.until
        group by 1, 2
      ) as sums on true`.execute(this.db);
    const waiting = new Map<number, Map<string, bigint>>();
    for (const { ask, functionId, amount } of rows) {
      if (ask === null || functionId === null || amount === null) continue;
      const sums = waiting.get(ask) ?? new Map<string, bigint>();
      waiting.set(ask, sums.set(functionId, BigInt(amount)));
    }
    return { lastId: rows[0]?.lastId ?? 0, waiting };
  }

  /** What the ledger held of a span when it went up to this line. */
  async #upTo(query: SpendQuery, lastId: number): Promise<Posted> {
    const known = this.#posted.get(keyOf(query)) ?? (await this.#whole(query));
    if (known.lastId === lastId) return known;
    const { rows } = await sql<{ functionId: string; amount: string }>`
      select function_id, sum(amount)::text as amount from ledger
      where tenant = ${query.tenant} and minute >= ${query.from} and minute < ${query.to}
        and id > ${known.lastId} and id <= ${lastId} and component <> ${CREDIT}
      group by 1`.execute(this.db);
    const more = new Map(rows.map(({ functionId, amount }) => [functionId, BigInt(amount)]));
    return this.#keep(query, { lastId, sums: added(known.sums, more) });
  }

  async #whole(query: SpendQuery): Promise<Posted> {
    const { rows } = await sql<SumRow>`
      select last_id, null::integer as ask, sums.function_id, sums.amount
      from ledger_head left join (
        select function_id, sum(amount)::text as amount
        from (${linesBetween(query.tenant, query, true)}) as line where component <> ${CREDIT} group by 1
      ) as sums on true`.execute(this.db);
    const sums = new Map<string, bigint>();
    for (const { functionId, amount } of rows) {
      if (functionId !== null && amount !== null) sums.set(functionId, BigInt(amount));
    }
    return { lastId: rows[0]?.lastId ?? 0, sums };
  }

  #keep(query: SpendQuery, posted: Posted): Posted {
    const key = keyOf(query);
    this.#posted.delete(key);
    this.#posted.set(key, posted);
    return posted;
  }
}

function keyOf({ tenant, from, to }: SpendQuery): string {
  return `${from.getTime()} ${to.getTime()} ${tenant}`;
}

function added(sums: Sums, more: Sums): Sums {
  if (more.size === 0) return sums;
  const all = new Map(sums);
  for (const [functionId, amount] of more) all.set(functionId, (all.get(functionId) ?? 0n) + amount);
  return all;
}

function spendOf({ functionIds }: SpendQuery, sums: Sums, readFrom: Date): Spend {
  const byFunction = functionIds
    ? new Map(functionIds.flatMap((id) => (sums.has(id) ? [[id, sums.get(id) ?? 0n] as const] : [])))
    : sums;
  let spent = 0n;
  for (const amount of byFunction.values()) spent += amount;
  return { spent, byFunction, readFrom };
}
