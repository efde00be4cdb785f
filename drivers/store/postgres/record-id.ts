import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { Page, PageQuery } from '../store';
import { pageOf, readCursor, type CursorShape } from './cursor';

/** Logs and events are numbered as they are written; to the outside the number is text. */
const recordId = z.string().regex(/^\d{1,18}$/);

export type RecordOrder = PageQuery & { readonly after?: string; readonly newestFirst?: boolean };

/** The cursor of a list that goes by record ids, one for each direction. */
export function recordCursor(table: 'logs' | 'events' | 'audit', query: RecordOrder): CursorShape<string> {
  return { kind: query.newestFirst ? `${table}-newest` : table, schema: recordId };
}

/** The conditions of `after` and of the cursor. @throws PlatformError invalid_argument */
export function recordBounds(shape: CursorShape<string>, query: RecordOrder): RawBuilder<boolean>[] {
  const bounds: RawBuilder<boolean>[] = [];
  if (query.after !== undefined) {
    if (!recordId.safeParse(query.after).success) {
      throw new PlatformError('invalid_argument', '"after" must be the id of a record, a whole number');
    }
    bounds.push(sql`id > ${query.after}::bigint`);
  }
  const position = readCursor(shape, query);
  if (position !== null) bounds.push(query.newestFirst ? sql`id < ${position}::bigint` : sql`id > ${position}::bigint`);
  return bounds;
}

/** The page out of `limit + 1` rows of such a list; ids become text. */
export function pageOfRows<Row extends { readonly id: unknown }>(
  rows: readonly Row[],
  query: RecordOrder,
  shape: CursorShape<string>,
): Page<Omit<Row, 'id'> & { readonly id: string }> {
  const items = rows.map((row) => ({ ...row, id: String(row.id) }));
  return pageOf(items, query, shape, ({ id }) => id);
}
