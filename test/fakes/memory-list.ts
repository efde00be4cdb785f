import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import type { Page, PageQuery } from '../../drivers/store/store';

/** One page of rows that are in order already; the cursor is the position of the last row in that order. */
export function memoryPage<T>(kind: string, rows: readonly T[], query: PageQuery, idOf: (row: T) => string): Page<T> {
  const after = query.cursor === undefined || query.cursor === null ? null : read(kind, query.cursor);
  const from = after === null ? 0 : rows.findIndex((row) => idOf(row) === after) + 1;
  const limit = Math.min(Math.max(query.limit ?? 50, 1), 1000);
  const items = rows.slice(from, from + limit);
  const last = items.at(-1);
  const more = last !== undefined && from + items.length < rows.length;
  return { items, next: more ? Buffer.from(JSON.stringify([kind, idOf(last)])).toString('base64url') : null };
}

function read(kind: string, cursor: string): string {
  try {
    const [madeFor, id] = z
      .tuple([z.string(), z.string()])
      .parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (madeFor === kind) return id;
  } catch {
    // One answer for all that is wrong with it.
  }
  throw new PlatformError('invalid_argument', 'The cursor is not valid for this list');
}
