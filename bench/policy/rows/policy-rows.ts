import type { Play, PolicySpec } from '../play/play-job';

/** Published or measured before: cold % of calls, mean over functions, 75th percentile, always-cold %, waste in M GB·s. */
export type KnownRow = readonly [
  cold: number,
  mean: number,
  thirdQuartile: number | null,
  always: number | null,
  waste: number,
];

/** A policy of the table. */
export interface PolicyRow {
  readonly name: string;
  readonly play: Play;
  /** The same policy by the reference implementation of this protocol on `azure12d`. */
  readonly known: KnownRow | null;
}

/** GB·s that a start from nothing is worth to the policies that ask, where it is no row of its own. */
const USUAL_PRICE = 480;

export const REACTIVE = 'fixed 1 min';
export const FIXED_POOLS = 'fixed 10 min';
export const HYBRID = 'hybrid histogram 4 h';

/** Prices of a start from nothing, in GB·s, that make the front. */
export const QUICK_PRICES = [240, 480, 1_200, 2_400, 4_800] as const;
export const ALL_PRICES = [120, 240, 360, 480, 720, 1_200, 1_800, 2_400, 3_600, 4_800, 7_200] as const;
/** An oracle holds what is cheaper than this, in GB·s. */
export const ORACLE_PRICES = [60, 120, 240, 480, 960, 1_920, 3_840] as const;

export function priceRow(policy: PolicySpec, gbSeconds: number, known: KnownRow | null = null): PolicyRow {
  return { name: `${policy.kind} ${gbSeconds}`, play: { policy, pricing: { per: 'start', gbSeconds } }, known };
}

/** All policies but `presage`. @param prior of the cost window */
export function baselineRows(prior: Float64Array, prices: readonly number[]): PolicyRow[] {
  const window = new Map<number, KnownRow>([
    [240, [0.559, 9.2, 4.4, null, 25.1]],
    [360, [0.359, 7.9, 2.8, null, 27.8]],
    [480, [0.291, 7.2, 2.1, null, 29.1]],
    [720, [0.215, 6.1, 1.6, null, 31.0]],
  ]);
  const windows = prices.filter((price) => price <= 720 || window.has(price));
  return [
    ...[25, 35, 45, 55].map((capacityGb, index) =>
      row(`FaasCache ${capacityGb} GB`, { kind: 'greedy-dual', capacityGb }, FAAS_CACHE[index] ?? null),
    ),
    row(HYBRID, { kind: 'hybrid-histogram', minutes: 240 }, [0.362, 5.3, 1.9, 1.1, 37.8]),
    row('hybrid histogram 2 h', { kind: 'hybrid-histogram', minutes: 120 }, [0.424, 6.8, 2.3, 1.2, 35.1]),
    row('hybrid histogram 1 h', { kind: 'hybrid-histogram', minutes: 60 }, [0.547, 8.7, 3.3, 1.6, 32.5]),
    ...windows.map((price) => priceRow({ kind: 'cost-window', prior }, price, window.get(price) ?? null)),
    row('none', { kind: 'none' }, [100, 100, 100, 100, 0]),
    ...FIXED.map(([minutes, known]) => row(`fixed ${minutes} min`, { kind: 'fixed', minutes }, known)),
    { ...row('seed: pool of the 10-minute mean, 1 min', { kind: 'pool-only' }, [13.8, 56.3, 100, 25.8, 15.4]), play: pools('pool-only', 'last-ten') }, // prettier-ignore
    { ...row('seed: pool of the true minute, 1 min', { kind: 'pool-only' }, [3.04, 1.7, 0.7, 0, 16.0]), play: pools('pool-only', 'itself') }, // prettier-ignore
    { ...row('seed: pool and keep-alive, to the letter', { kind: 'seed' }, null), play: pools('seed', 'last-ten') },
    ...ORACLE_PRICES.map((price) => ({
      ...priceRow({ kind: 'oracle', how: 'keep' }, price),
      name: `oracle keeps ${price}`,
    })),
    row('oracle starts just in time', { kind: 'oracle', how: 'start' }, null),
  ];
}

/** What the reference has of `azure8h`, by the row's name. */
const HOURS_KNOWN: ReadonlyMap<string, KnownRow> = new Map([
  [FIXED_POOLS, [0.315, 38.1, null, null, 0.51]],
  [HYBRID, [0.086, 16.6, null, null, 0.633]],
  ['cost-window 240', [0.089, 19.6, null, null, 0.433]],
  ['cost-window 360', [0.07, 18.4, null, null, 0.489]],
]);

/** A row with what is known of it on another set than `azure12d`. */
export function knownOn(set: string, row: PolicyRow): PolicyRow {
  if (set === 'azure12d') return row;
  return { ...row, known: (set === 'azure8h' ? HOURS_KNOWN.get(row.name) : null) ?? null };
}

const FAAS_CACHE: readonly KnownRow[] = [
  [13.8, 64.7, 100, 29.8, 16.2],
  [6.9, 50.4, null, null, 24.0],
  [2.8, 36.3, null, null, 31.8],
  [0.92, 26.0, 49.8, 12.4, 39.6],
];
const FIXED: readonly (readonly [number, KnownRow])[] = [
  [1, [19.0, 60.0, 100, 25.8, 13.9]],
  [5, [3.68, 33.5, 66.7, 15.5, 26.5]],
  [10, [1.95, 27.1, 46.4, 13.5, 30.8]],
  [20, [0.94, 20.9, 26.8, 10.8, 34.9]],
  [60, [0.303, 14.5, 8.8, 8.3, 41.3]],
  [120, [0.18, 12.9, 5.1, 7.8, 45.1]],
];

function row(name: string, policy: PolicySpec, known: KnownRow | null): PolicyRow {
  return { name, play: { policy, pricing: { per: 'start', gbSeconds: USUAL_PRICE } }, known };
}

function pools(kind: 'pool-only' | 'seed', expect: NonNullable<Play['expect']>): Play {
  return { policy: { kind }, pricing: { per: 'start', gbSeconds: USUAL_PRICE }, expect };
}
