import { sql } from 'kysely';
import { MINUTE_MS } from '../../../core/record/block-form';
import { readTimes } from '../../../core/record/block-reader';
import type { EndedCall, WarmingStore } from '../warming-store';
import { byFunction } from './by-function';
import type { Database } from './database-schema';

type Query = Parameters<WarmingStore['callsBetween']>[0];
/** The n-th of those of its function that are rows, where all of them together, in blocks too, are so many. */
type CallRow = Omit<EndedCall, 'standsFor'> & { readonly rows: number };

/** Calls that took longer are left out: the longer they may be, the more is looked at each minute. */
const LONGEST_CALL_MS = 600_000;

/** Calls of one function out of blocks, in the order of their arrival. */
interface PackedCalls {
  readonly count: number;
  /** Unix milliseconds and milliseconds. */
  readonly at: (place: number) => number;
  readonly totalMs: (place: number) => number;
  readonly executeMs: (place: number) => number;
}

/** As `WarmingStore.callsBetween`: of rows and of calls in blocks every n-th each. */
export async function endedCalls(db: Database, query: Query): Promise<EndedCall[]> {
  const packed = await packedCalls(db, query);
  const rows = await rowsBetween(db, query, packed);
  const rowsOf = byFunction(rows);
  const functionIds = [...new Set([...packed.keys(), ...rowsOf.keys()])].sort();
  return functionIds.flatMap((functionId) => {
    const calls = packed.get(functionId);
    const own = rowsOf.get(functionId) ?? [];
    const standsFor = Math.ceil(((calls?.count ?? 0) + (own[0]?.rows ?? 0)) / query.perFunction);
    const chosen = own.map(({ rows: _, ...row }): EndedCall => ({ ...row, standsFor }));
    for (let place = 0; place < (calls?.count ?? 0); place += standsFor) {
      chosen.push(packedCall(functionId, calls as PackedCalls, place, standsFor));
    }
    return own.length === 0 ? chosen : chosen.sort((a, b) => a.at.getTime() - b.at.getTime());
  });
}

function packedCall(functionId: string, calls: PackedCalls, place: number, standsFor: number): EndedCall {
  const [totalMs, executeMs] = [calls.totalMs(place), calls.executeMs(place)];
  const waitMs = Math.round((totalMs - executeMs) * 1000) / 1000;
  return { functionId, at: new Date(calls.at(place)), totalMs, executeMs, kind: 'hot', waitMs, standsFor };
}

async function rowsBetween(
  db: Database,
  { from, to, perFunction, functionIds }: Query,
  packed: ReadonlyMap<string, PackedCalls>,
): Promise<CallRow[]> {
  const earliest = new Date(from.getTime() - LONGEST_CALL_MS);
  const chosen = functionIds ? sql`and function_id = any(${[...functionIds]}::text[])` : sql``;
  const counts = JSON.stringify(Object.fromEntries([...packed].map(([id, { count }]) => [id, count])));
  const { rows } = await sql<CallRow>`
    with ended as (
      select function_id, at, total_ms, execute_ms, kind, queue_ms + start_ms as wait_ms,
        row_number() over (partition by function_id order by at, id) - 1 as place,
        count(*) over (partition by function_id) as rows
      from invocations
      where at >= ${earliest} and at < ${to} and kind is not null ${chosen}
        and at + total_ms * interval '1 millisecond' >= ${from}
        and at + total_ms * interval '1 millisecond' < ${to}
    ), in_blocks as (
      select key as function_id, value::bigint as calls from json_each_text(${counts}::json)
    )
    select function_id, at, total_ms, execute_ms, kind, wait_ms, rows
    from ended left join in_blocks using (function_id)
    where place % ceil((rows + coalesce(calls, 0)) / ${perFunction}::float8)::bigint = 0
    order by function_id, at, place`.execute(db);
  return rows;
}

async function packedCalls(db: Database, { from, to, functionIds }: Query): Promise<Map<string, PackedCalls>> {
  let select = db
    .selectFrom('invocationBlocks')
    .select(['functionId', 'at', 'calls', 'times'])
    .where('at', '>=', new Date(from.getTime() - LONGEST_CALL_MS))
    .where('firstAt', '<', to)
    // The last call of a block may have come after the span where the first has not.
    .where('at', '<', new Date(to.getTime() + MINUTE_MS))
    .where('lastEnd', '>=', from)
    .where('firstEnd', '<', to);
  if (functionIds) select = select.where(sql<boolean>`function_id = any(${[...functionIds]}::text[])`);
  const blocks = await select.orderBy('functionId').orderBy('at').orderBy('id').execute();
  const packed = new Map<string, PackedCalls>();
  for (const [functionId, own] of byFunction(blocks)) {
    const calls = inOrder(own, from.getTime(), to.getTime());
    if (calls.count > 0) packed.set(functionId, calls);
  }
  return packed;
}

/** Those of the calls that ended in the span. */
function inOrder(
  blocks: readonly { readonly at: Date; readonly calls: number; readonly times: Buffer }[],
  from: number,
  to: number,
): PackedCalls {
  const most = blocks.reduce((sum, { calls }) => sum + calls, 0);
  const [at, total, execute] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  const earliest = from - LONGEST_CALL_MS;
  let count = 0;
  for (const block of blocks) {
    const times = readTimes({ ...block, lastAt: block.at });
    for (let call = 0; call < block.calls; call++) {
      const [came, took] = [times.at(call), times.totalMs(call)];
      if (came < earliest || came + took < from || came + took >= to) continue;
      at[count] = came;
      total[count] = took;
      execute[count++] = times.executeMs(call);
    }
  }
  // Numbers alone are sorted many times faster than by a comparison: each arrival with the place that it had.
  const order = at
    .subarray(0, count)
    .map((came, place) => (came - earliest) * most + place)
    .sort();
  const placeOf = (place: number): number => (order[place] as number) % most;
  return {
    count,
    at: (place) => at[placeOf(place)] as number,
    totalMs: (place) => total[placeOf(place)] as number,
    executeMs: (place) => execute[placeOf(place)] as number,
  };
}
