import { z } from 'zod';
import { PlatformError } from '../../../core/error/platform-error';
import type { Page, PageQuery } from '../store';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

/** Where the next page begins. `kind` names the list, so that a cursor of one list is refused by another. */
export interface CursorShape<T> {
  readonly kind: string;
  readonly schema: z.ZodType<T>;
}

/** The cursor's value, or null for a first page. @throws PlatformError invalid_argument */
export function readCursor<T>(shape: CursorShape<T>, page: PageQuery): T | null {
  if (page.cursor === undefined || page.cursor === null) return null;
  try {
    const [kind, value] = z
      .tuple([z.string(), z.unknown()])
      .parse(JSON.parse(Buffer.from(page.cursor, 'base64url').toString('utf8')));
    if (kind === shape.kind) return shape.schema.parse(value);
  } catch {
    // What is wrong with it is nobody's business: cursors are opaque.
  }
  throw new PlatformError('invalid_argument', 'The cursor is not valid for this list', {
    hint: 'Pass the "next" of the page before as it is, with the same filters, or leave it out to begin anew.',
  });
}

/** Rows to ask the database for: one more than the page, to know whether another follows. */
export function pageLimit(page: PageQuery): number {
  return Math.min(Math.max(Math.trunc(page.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT);
}

/** The page out of `limit + 1` rows. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  page: PageQuery,
  shape: CursorShape<T>,
  positionOf: (row: Row) => T,
): Page<Row> {
  const items = rows.slice(0, pageLimit(page));
  const last = items.at(-1);
  const more = rows.length > items.length && last !== undefined;
  return {
    items,
    next: more ? Buffer.from(JSON.stringify([shape.kind, positionOf(last)])).toString('base64url') : null,
  };
}

/** Position in a list that goes by time and, within one millisecond, by id. */
export const timeAndId = z.tuple([z.iso.datetime(), z.string()]);
