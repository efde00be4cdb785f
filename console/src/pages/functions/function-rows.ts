import type { ListedFunction } from '../../lib/answers';

/** A function as the list shows it. */
export interface FunctionRow {
  readonly name: string;
  readonly labels: string;
  readonly state: string;
  /** What live points at, e.g. `3` or `3 (90 %), 4 (10 %)`; a dash where it points at nothing. */
  readonly revision: string;
  /** Requests of the last hour, and of each of its minutes. */
  readonly requests: number;
  readonly minutes: readonly number[];
  readonly errors: number;
  /** Of the starts that are known: how many were cold, 0 to 1; null without any. */
  readonly coldShare: number | null;
  readonly running: number;
  readonly frozen: number;
  readonly checkpoints: number;
}

export const SORTS = ['name', 'requests', 'coldShare', 'running', 'errors'] as const;
export type Sort = (typeof SORTS)[number];

/** Weights of an alias for people. */
export function weightsText(weights: readonly { readonly revision: number; readonly weight: number }[]): string {
  const [only] = weights;
  if (weights.length === 1 && only) return String(only.revision);
  return weights.map(({ revision, weight }) => `${revision} (${weight} %)`).join(', ');
}

export function functionRow({ name, labels, activity }: ListedFunction): FunctionRow {
  const { minutes = [], live = null, byKind, instances } = activity ?? {};
  const starts = Object.values(byKind ?? {}).reduce((sum, count) => sum + count, 0);
  return {
    name,
    labels: Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(', '), // prettier-ignore
    state: activity?.state ?? 'unknown',
    revision: live ? weightsText(live) : '–',
    requests: minutes.reduce((sum, count) => sum + count, 0),
    minutes,
    errors: activity?.errors ?? 0,
    coldShare: starts === 0 ? null : (byKind?.cold ?? 0) / starts,
    running: instances?.running ?? 0,
    frozen: instances?.frozen ?? 0,
    checkpoints: activity?.checkpoints ?? 0,
  };
}

/** Those whose name, labels or state hold every word that was typed, in the order wished: names rise, numbers fall. */
export function shownRows(rows: readonly FunctionRow[], search: string, sort: Sort): FunctionRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter(({ name, labels, state }) => {
    const text = `${name} ${labels} ${state}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const byName = (a: FunctionRow, b: FunctionRow): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  if (sort === 'name') return found.sort(byName);
  return found.sort((a, b) => (b[sort] ?? -1) - (a[sort] ?? -1) || byName(a, b));
}
