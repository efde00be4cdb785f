import { sql } from 'kysely';
import type { FunctionHistory, HistoryStore, ImportedSeries } from '../history-store';
import type { Database } from './database-schema';
import { storableText } from './json-rows';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** Rows in one statement when importing: some milliseconds of this process and of PostgreSQL. */
const IMPORT_ROWS = 20;
/** Functions in one statement when reading. */
const READ_FUNCTIONS = 250;
const [COMMA, ZERO] = [44, 48];

/** The past of one function as PostgreSQL packs it. */
interface PackedHistory {
  readonly functionId: string;
  /** Minute after `from` and requests, four bytes each. */
  readonly own: Buffer | null;
  /** Days: minute after `from` of the day's begin, then a cell for each minute; commas between, a semicolon after each day. */
  readonly imported: string | null;
}

export function historyQueries(db: Database): HistoryStore {
  return {
    importHistory: ({ tenant, source, series }) =>
      db.transaction().execute(async (transaction) => {
        let changed = 0;
        const rows = series.flatMap(daysOf).sort((a, b) => (a.order < b.order ? -1 : 1));
        for (let from = 0; from < rows.length; from += IMPORT_ROWS) {
          // A day is laid out only when its turn comes: all at once would hold up everything else in this process.
          const packed = JSON.stringify(rows.slice(from, from + IMPORT_ROWS).map(({ row }) => row()));
          const { rows: written } = await sql`
            insert into imported_days as old (function_id, day, tenant, source, counts)
            select function_id, day, ${tenant}, ${storableText(source)}, counts
            from json_to_recordset(${packed}::json) as record(function_id text, day timestamptz, counts integer[])
            on conflict (function_id, day) do update set
              source = excluded.source, counts = presage_merge_minutes(excluded.counts, old.counts), imported_at = now()
            where old.source <> excluded.source
              or old.counts <> presage_merge_minutes(excluded.counts, old.counts)
            returning 1`.execute(transaction);
          changed += written.length;
        }
        return changed;
      }),

    async deleteImportedHistory(functionId) {
      const { numDeletedRows } = await db
        .deleteFrom('importedDays')
        .where('functionId', '=', functionId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },

    async historyDays(functionId) {
      const { rows } = await sql<Awaited<ReturnType<HistoryStore['historyDays']>>[number]>`
        select day, coalesce(imported_minutes, 0) as imported_minutes, coalesce(imported, 0) as imported, source,
          coalesce(own_minutes, 0) as own_minutes, coalesce(own, 0) as own
        from (
          select day, source, sums.* from imported_days,
            lateral (select count(cell) as imported_minutes, sum(cell)::float8 as imported from unnest(counts) as cell) as sums
          where function_id = ${functionId}
        ) as imported_part
        full join (
          select date_trunc('day', minute, 'UTC') as day, count(*) as own_minutes, sum(total)::float8 as own
          from function_minutes where function_id = ${functionId} group by 1
        ) as own_part using (day)
        order by day`.execute(db);
      return rows;
    },

    async functionHistory({ functionIds, from, to }) {
      const [first, end] = [from, to].map((time) => Math.floor(time.getTime() / MINUTE_MS)) as [number, number];
      const found: FunctionHistory[] = [];
      for (let at = 0; at < functionIds.length; at += READ_FUNCTIONS) {
        const packed = await packedHistories(db, functionIds.slice(at, at + READ_FUNCTIONS), first, end);
        for (const each of packed) found.push(unpacked(each, first, end));
      }
      return found;
    },
  };
}

/** The rows of one series, each to be made when it is written. Writers go by one order, so that two wait rather than deadlock. */
function daysOf({ functionId, first, counts }: ImportedSeries) {
  const start = Math.round(first.getTime() / MINUTE_MS);
  const rows = [];
  for (let day = Math.floor(start / DAY_MINUTES); day * DAY_MINUTES < start + counts.length; day++) {
    const offset = day * DAY_MINUTES - start;
    const time = new Date(day * DAY_MS).toISOString();
    const row = () => ({
      function_id: functionId,
      day: time,
      counts: Array.from({ length: DAY_MINUTES }, (_, minute) => counts[offset + minute] ?? null),
    });
    rows.push({ order: `${functionId} ${time}`, row });
  }
  return rows;
}

/** One statement, so that both parts are of one moment. */
async function packedHistories(
  db: Database,
  functionIds: readonly string[],
  first: number,
  end: number,
): Promise<readonly PackedHistory[]> {
  const [from, to] = [new Date(first * MINUTE_MS), new Date(end * MINUTE_MS)];
  const { rows } = await sql<PackedHistory>`
    select wanted.function_id, own,
      (
        select string_agg(
          ((date_part('epoch', day) / 60 - ${first}::int)::int)::text || ',' || array_to_string(counts, ',', '') || ';', '')
        from imported_days as imported
        where imported.function_id = wanted.function_id
          and day > ${new Date(from.getTime() - DAY_MS)} and day < ${to}
      ) as imported
    from unnest(${[...functionIds]}::text[]) with ordinality as wanted(function_id, place)
    left join (
      select function_id, string_agg(
        int4send((date_part('epoch', minute) / 60 - ${first}::int)::int) || int4send(least(total, 2147483647)::int), ''::bytea) as own
      from function_minutes
      where function_id = any(${[...functionIds]}) and minute >= ${from} and minute < ${to}
      group by function_id
    ) as counted using (function_id)
    order by place`.execute(db);
  return rows;
}

function unpacked({ functionId, own, imported }: PackedHistory, first: number, end: number): FunctionHistory {
  const cells = new Float64Array(Math.max(0, end - first));
  let known = cells.length;
  const put = (minute: number, count: number): void => {
    if (minute < 0 || minute >= cells.length) return;
    cells[minute] = count;
    if (minute < known) known = minute;
  };
  for (const day of imported?.split(';') ?? []) if (day !== '') unpackDay(day, put);
  for (let at = 0; own && at < own.length; at += 8) put(own.readInt32BE(at), own.readInt32BE(at + 4));
  return { functionId, from: new Date((first + known) * MINUTE_MS), counts: cells.slice(known) };
}

/** By hand: splitting it into two million strings takes many times as long. */
function unpackDay(day: string, put: (minute: number, count: number) => void): void {
  let at = day.indexOf(',');
  let minute = Number(day.slice(0, at));
  let count = -1;
  for (at++; at <= day.length; at++) {
    const code = at < day.length ? day.charCodeAt(at) : COMMA;
    if (code !== COMMA) count = Math.max(0, count) * 10 + code - ZERO;
    else {
      if (count >= 0) put(minute, count);
      minute++;
      count = -1;
    }
  }
}
