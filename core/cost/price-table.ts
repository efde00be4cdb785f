import type { Tier } from '../function/manifest';

/** What has a price. */
export const UNITS = [
  /** A core that works for a second. */
  'cpuSecond',
  /** A gigabyte (10⁹ bytes) that an instance holds for a second while it may answer. */
  'gbSecondRunning',
  /** The same while it is frozen. */
  'gbSecondFrozen',
  /** A gigabyte of checkpoints kept for 30 days. */
  'checkpointGbMonth',
  /** A gigabyte sent to a user or a function in another region. */
  'otherRegionGb',
  /** A gigabyte sent to somebody whose region is not known. */
  'internetGb',
  'request',
  /** Credit for a second by which a call exceeds the latency of its function's `sla`. */
  'slaSecond',
] as const;
export type Unit = (typeof UNITS)[number];

/** What a unit of each costs on a node, in micro-dollars. */
export type UnitPrices = Readonly<Record<Unit, number>>;

/** The same for every unit. */
export function everyUnit<T>(value: T): Record<Unit, T> {
  return Object.fromEntries(UNITS.map((unit) => [unit, value])) as Record<Unit, T>;
}

/** What everything costs, by the tier of the node it happens on. */
export interface PriceTable {
  readonly name: string;
  /** The day of the prices, `YYYY-MM-DD`; null: the operator's own. */
  readonly asOf: string | null;
  /** Where they come from, for people. */
  readonly source: string;
  readonly tiers: Readonly<Record<Tier, UnitPrices>>;
}

/** Of a node that is not known. */
export const UNKNOWN_TIER: Tier = 'central';

/** Of calls, and of what is kept for a function between them: idle memory and checkpoints. */
export const COST_COMPONENTS = ['request', 'compute', 'memory', 'network', 'impact', 'warmth', 'storage'] as const;
export type CostComponent = (typeof COST_COMPONENTS)[number];

/** Credit for late calls: what they are worth to those who waited. Nobody is paid it, so that no budget counts it as spent. */
export const CREDIT = 'impact' satisfies CostComponent;

/** What the quantities of each are counted in. */
export const COMPONENT_UNITS: Readonly<Record<CostComponent, string>> = {
  request: 'request',
  compute: 'core-second',
  memory: 'GB-second',
  network: 'GB',
  impact: 'second over the SLA',
  warmth: 'GB-second',
  storage: 'GB-month',
};
