import type { InstanceResource } from '../api-resources';
import type { CallFigures } from './live-calls';

/** A function as `presage top` shows it. */
export interface TopRow {
  readonly function: string;
  /** Calls a second; times are null where nothing was called. */
  readonly rate: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly starts: CallFigures['kinds'];
  /** Instances on each rung, and checkpoints that could be restored. */
  readonly rungs: { readonly running: number; readonly frozen: number; readonly checkpoints: number };
  /** Dollars charged in the last hour. */
  readonly costPerHour: number;
}

export interface TopFacts {
  readonly functions: readonly string[];
  readonly calls: ReadonlyMap<string, CallFigures>;
  readonly instances: readonly Pick<InstanceResource, 'function' | 'state'>[];
  readonly checkpoints: readonly { readonly function: string }[];
  readonly charges: readonly { readonly function: string; readonly dollars: string }[];
}

/** A row for every function. */
export function topRows({ functions, calls, instances, checkpoints, charges }: TopFacts): TopRow[] {
  return functions.map((name) => {
    const own = instances.filter((instance) => instance.function === name);
    const frozen = own.filter(({ state }) => state === 'frozen').length;
    const found = calls.get(name);
    return {
      function: name,
      rate: found?.rate ?? 0,
      errors: found?.errors ?? 0,
      p50Ms: found?.p50Ms ?? null,
      p95Ms: found?.p95Ms ?? null,
      starts: found?.kinds ?? { hot: 0, warm: 0, restore: 0, cold: 0 },
      rungs: {
        running: own.length - frozen,
        frozen,
        checkpoints: checkpoints.filter((checkpoint) => checkpoint.function === name).length,
      },
      costPerHour: charges.reduce((sum, line) => (line.function === name ? sum + Number(line.dollars) : sum), 0),
    };
  });
}

/** By which column, with the key that chooses it. */
export const SORTS = {
  r: 'rate',
  p: 'p95',
  s: 'cold',
  i: 'instances',
  c: 'cost',
  n: 'name',
} as const;
export type Sort = (typeof SORTS)[keyof typeof SORTS];
export const SORT_NAMES: readonly Sort[] = Object.values(SORTS);

const WORTH: Readonly<Record<Exclude<Sort, 'name'>, (row: TopRow) => number>> = {
  rate: (row) => row.rate,
  p95: (row) => row.p95Ms ?? -1,
  cold: (row) => row.starts.cold,
  instances: (row) => row.rungs.running + row.rungs.frozen,
  cost: (row) => row.costPerHour,
};

/** The greatest first; names from a to z. */
export function sorted(rows: readonly TopRow[], sort: Sort): TopRow[] {
  const byName = (a: TopRow, b: TopRow): number => a.function.localeCompare(b.function);
  if (sort === 'name') return [...rows].sort(byName);
  const worth = WORTH[sort];
  return [...rows].sort((a, b) => worth(b) - worth(a) || byName(a, b));
}
