import { sql, type RawBuilder } from 'kysely';
import { MINUTE_MS } from '../../../core/record/block-form';
import { readBlock, readTimes } from '../../../core/record/block-reader';
import { idOf, LOT_BYTES, timeOfId, writeLot } from '../../../core/record/timed-id';
import type { InvocationRecord } from '../store';
import type { Database, DatabaseSchema } from './database-schema';

type BlockRow = DatabaseSchema['invocationBlocks'];
/** A block without what only few of its calls are asked for. */
type TimesRow = Pick<BlockRow, 'id' | 'at' | 'calls' | 'times'>;

/** A call in a block, by its place. */
interface Found {
  readonly block: TimesRow;
  readonly call: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** Where a page begins: after this one. */
export interface Position {
  /** Unix milliseconds. */
  readonly at: number;
  readonly id: string;
}

/** Blocks that are looked at in one go: few at first, since one may hold hundreds of calls. */
const [FEWEST_BLOCKS, MOST_BLOCKS] = [4, 256];

/** Single calls out of blocks. */
export class BlockPages {
  constructor(private readonly db: Database) {}

  /** The newest calls after a position, newest first, then by id; at most so many. */
  async newest(
    of: { readonly tenant: string; readonly function?: string },
    after: Position | null,
    wanted: number,
  ): Promise<InvocationRecord[]> {
    let found: Found[] = [];
    let last: TimesRow | undefined;
    for (let size = FEWEST_BLOCKS; ; size = Math.min(2 * size, MOST_BLOCKS)) {
      const blocks = await this.#before(of, after, last, size);
      found = [...found, ...blocks.flatMap((block) => callsOf(block, after))].sort((a, b) => b.at - a.at);
      // Calls of the position's own millisecond may have been seen: they do not count towards the page.
      const counting = after ? found.findIndex(({ at }) => at < after.at) : 0;
      const least = counting === -1 ? undefined : found[counting + wanted - 1]?.at;
      if (least !== undefined) found = found.filter(({ at }) => at >= least);
      last = blocks.at(-1);
      // What is left came no later than the last of these blocks.
      if (!last || blocks.length < size || (least !== undefined && last.at.getTime() < least)) break;
    }
    const records = await this.#records(of.tenant, found);
    return records
      .filter(({ at, id }) => !after || at.getTime() < after.at || id < after.id)
      .sort(newestFirst)
      .slice(0, wanted);
  }

  /** The call with an id of ours. */
  async find(tenant: string, id: string): Promise<InvocationRecord | null> {
    const time = timeOfId(id);
    const lot = Buffer.alloc(LOT_BYTES);
    if (time === null || !writeLot(id, lot, 0) || idOf(time, lot, 0) !== id) return null;
    const blocks = await this.db
      .selectFrom('invocationBlocks')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('at', '>=', new Date(time))
      .where('at', '<', minuteAfter(time))
      .where('firstAt', '<=', new Date(time))
      .where(sql<boolean>`position(${lot}::bytea in details) > 0`)
      .execute();
    for (const block of blocks) {
      const record = readBlock(asBlock(block));
      for (const { call } of callsOf(block, null).filter(({ at }) => at === time)) {
        const one = record(call);
        if (one.id === id) return one;
      }
    }
    return null;
  }

  /** The next blocks, by the arrival of their last call, that may hold calls after the position. */
  async #before(
    of: { readonly tenant: string; readonly function?: string },
    after: Position | null,
    last: TimesRow | undefined,
    count: number,
  ): Promise<TimesRow[]> {
    let select = this.db
      .selectFrom('invocationBlocks')
      .select(['id', 'at', 'calls', 'times'])
      .where('tenant', '=', of.tenant);
    if (of.function !== undefined) select = select.where('function', '=', of.function);
    if (after) select = select.where('at', '<', minuteAfter(after.at)).where('firstAt', '<=', new Date(after.at));
    if (last) select = select.where('at', '<=', last.at).where(older(last));
    return select.orderBy('at', 'desc').orderBy('id', 'desc').limit(count).execute();
  }

  async #records(tenant: string, found: readonly Found[]): Promise<InvocationRecord[]> {
    const ids = [...new Set(found.map(({ block }) => block.id))];
    if (ids.length === 0) return [];
    const times = found.map(({ block }) => block.at.getTime());
    const blocks = await this.db
      .selectFrom('invocationBlocks')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('at', '>=', new Date(Math.min(...times)))
      .where('at', '<=', new Date(Math.max(...times)))
      .where('id', 'in', ids)
      .execute();
    const readers = new Map(blocks.map((block) => [block.id, readBlock(asBlock(block))]));
    // One that retention has taken meanwhile is gone.
    return found.flatMap(({ block, call }) => readers.get(block.id)?.(call) ?? []);
  }
}

/** By arrival, and those of one millisecond by id. */
export function newestFirst(a: InvocationRecord, b: InvocationRecord): number {
  return b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1);
}

function callsOf(block: TimesRow, after: Position | null): Found[] {
  const times = readTimes({ ...block, lastAt: block.at });
  return Array.from({ length: block.calls }, (_, call) => ({ block, call, at: times.at(call) })).filter(
    ({ at }) => !after || at <= after.at,
  );
}

function asBlock({ at, ...block }: BlockRow) {
  return { ...block, lastAt: at };
}

/** Blocks hold calls of one minute. */
function minuteAfter(time: number): Date {
  return new Date(Math.floor(time / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
}

function older({ at, id }: TimesRow): RawBuilder<boolean> {
  return sql<boolean>`(at, id) < (${at}::timestamptz, ${id}::uuid)`;
}
