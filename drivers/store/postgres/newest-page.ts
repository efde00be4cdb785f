import { sql, type SelectQueryBuilder } from 'kysely';
import type { z } from 'zod';
import type { Page, PageQuery } from '../store';
import { pageLimit, pageOf, readCursor, timeAndId, type CursorShape } from './cursor';

/** A list that is read newest first: by a time in whole milliseconds and, within one of them, by id. */
export interface NewestFirst<Row> {
  /** Names it in its cursors. */
  readonly kind: string;
  /** The column of the time. */
  readonly column: 'createdAt' | 'at';
  readonly timeOf: (row: Row) => Date;
}

/** One page of such a list, out of what `select` finds. @throws PlatformError invalid_argument for a cursor of another list */
export async function newestPage<DB, TB extends keyof DB, Row extends { readonly id: string }>(
  select: SelectQueryBuilder<DB, TB, Row>,
  page: PageQuery,
  { kind, column, timeOf }: NewestFirst<Row>,
): Promise<Page<Row>> {
  const shape: CursorShape<z.infer<typeof timeAndId>> = { kind, schema: timeAndId };
  const after = readCursor(shape, page);
  const [time, id] = [sql.ref<Date>(column), sql.ref<string>('id')];
  const from = after ? select.where(sql<boolean>`(${time}, ${id}) < (${after[0]}::timestamptz, ${after[1]})`) : select;
  const rows = await from
    .orderBy(time, 'desc')
    .orderBy(id, 'desc')
    .limit(pageLimit(page) + 1)
    .execute();
  return pageOf(rows as Row[], page, shape, (row) => [timeOf(row).toISOString(), row.id]);
}
