import { z } from 'zod';
import { PlatformError } from '../../core/error/platform-error';
import type { Page, PageQuery } from '../../drivers/store/store';

const positionSchema = z.tuple([z.string(), z.string()]);

/** An opaque place in the list called `list`. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(JSON.stringify([list, position])).toString('base64url');
}

/** @throws PlatformError invalid_argument for what `encodeCursor` did not make for the same list */
export function decodeCursor(list: string, cursor: string): string {
  try {
    const [madeFor, position] = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (madeFor === list && encodeCursor(list, position) === cursor) return position;
  } catch {
    // Whatever is wrong with it, the answer is the same.
  }
  throw new PlatformError('invalid_argument', 'The cursor is not one of this list.', {
    problems: [
      {
        path: 'cursor',
        message: 'is not the `next` of an earlier page of this list',
        hint: 'leave it away to begin anew',
      },
    ],
  });
}

/** Arguments of a list as they come in. */
export interface ListQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** One page of a list that the store pages itself, by cursors of its own that are as opaque. */
export async function storePage<T, V>(
  query: ListQuery,
  read: (page: PageQuery) => Promise<Page<T>>,
  view: (item: T) => V,
): Promise<{ items: V[]; next: string | null }> {
  const page = await read({ limit: query.limit, cursor: query.cursor ?? null });
  return { items: page.items.map(view), next: page.next };
}

/**
 * One page of a list that is small enough to be read whole. `keyOf` gives unique keys; `compare` orders by them, so a page
 * goes on after the last key seen even when that item has gone meanwhile.
 */
export function pageOf<T, V>(
  list: string,
  query: ListQuery,
  items: readonly T[],
  order: { keyOf: (item: T) => string; compare: (a: string, b: string) => number },
  view: (item: T) => V,
): { items: V[]; next: string | null } {
  const after = query.cursor === undefined ? undefined : decodeCursor(list, query.cursor);
  const sorted = [...items].sort((a, b) => order.compare(order.keyOf(a), order.keyOf(b)));
  const rest = after === undefined ? sorted : sorted.filter((item) => order.compare(order.keyOf(item), after) > 0);
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(view),
    next: rest.length > page.length && last !== undefined ? encodeCursor(list, order.keyOf(last)) : null,
  };
}

/** Ascending by code unit. */
export const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Newest first, for keys that begin with an ISO time. */
export const descending = (a: string, b: string): number => ascending(b, a);
