import type { Manifest, Tier } from '../function/manifest';
import { parseDuration } from '../function/quantity';
import type { PriceTable } from '../cost/price-table';
import type { FunctionSpend } from './step-effects';

/** While `shorten-keep-alive` is in force nothing rests for longer, milliseconds. */
export const SHORT_KEEP_ALIVE_MS = 60_000;

/** What was measured of a function, over some hours. Amounts are picodollars. */
export interface MeasuredFunction {
  /** Of the revision that serves most; null: nothing is deployed any more. */
  readonly spec: Pick<Manifest['spec'], 'critical' | 'scale' | 'tier'> | null;
  /** Hours that the sums are of, above 0. */
  readonly hours: number;
  /** What each component has cost in these. */
  readonly amounts: ReadonlyMap<string, bigint>;
  /** Of compute and memory, in the units that have a price. */
  readonly coreSeconds: number;
  readonly gbSeconds: number;
  /** Milliseconds that its calls took together. */
  readonly executeMs: number;
  /** What is held of it until the next decision; null: nobody has decided. */
  readonly held: { readonly peak: number; readonly floor: number; readonly keepAlive: readonly number[] } | null;
  /** Of the nodes that it may be on now, and of those that it could be on. */
  readonly tiersNow: readonly Tier[];
  readonly tiersAllowed: readonly Tier[];
}

const HOUR_MS = 3_600_000;
/** Kept for a function and not for a call. */
const WARMTH = 'warmth';
const STORAGE = 'storage';

/** What a function costs an hour, and what of it each step could save. @param gateways how many take its calls */
export function functionSpend(measured: MeasuredFunction, prices: PriceTable, gateways: number): FunctionSpend {
  const { spec, hours, amounts, held } = measured;
  const measuredMs = BigInt(Math.max(1, Math.round(hours * HOUR_MS)));
  const perHour = (amount: bigint): bigint => (amount * BigInt(HOUR_MS)) / measuredMs;
  const of = (component: string): bigint => amounts.get(component) ?? 0n;
  const calls = [...amounts].reduce(
    (sum, [component, amount]) => (component === WARMTH || component === STORAGE ? sum : sum + amount),
    0n,
  );
  const peak = held?.peak ?? 0;
  return {
    critical: spec?.critical === true,
    calls: perHour(calls),
    tiered: perHour(of('compute') + of('memory')),
    warmth: perHour(of(WARMTH)),
    predicted: peak > 0 ? Math.max(0, peak - (held?.floor ?? 0)) / peak : 0,
    overlong: overlongShare(spec, held?.keepAlive ?? []),
    cheaper: cheaperShare(measured, prices),
    crowded: crowdedShare(measured, gateways),
  };
}

/** Of the time that instances rest, what lies beyond the shortened keep-alive, if each rests as long as it may. */
function overlongShare(spec: MeasuredFunction['spec'], keepAlive: readonly number[]): number {
  const declared = spec ? parseDuration(spec.scale.keepAlive) : 0;
  const rests = keepAlive.length > 0 ? keepAlive.map((seconds) => seconds * 1000) : [declared];
  const all = rests.reduce((sum, ms) => sum + ms, 0);
  const beyond = rests.reduce((sum, ms) => sum + Math.max(0, ms - SHORT_KEEP_ALIVE_MS), 0);
  return all > 0 ? beyond / all : 0;
}

/** One less the price of its compute and memory on the cheapest tier, over that on the present ones (their mean). */
function cheaperShare(measured: MeasuredFunction, { tiers }: PriceTable): number {
  const { coreSeconds, gbSeconds, tiersNow, tiersAllowed } = measured;
  const costs = (tier: Tier): number => coreSeconds * tiers[tier].cpuSecond + gbSeconds * tiers[tier].gbSecondRunning;
  if (tiersNow.length === 0 || tiersAllowed.length === 0) return 0;
  const now = tiersNow.reduce((sum, tier) => sum + costs(tier), 0) / tiersNow.length;
  const cheapest = Math.min(...tiersAllowed.map(costs));
  return now > 0 ? Math.max(0, 1 - cheapest / now) : 0;
}

/** What one call at a time in each gateway has no room for: one less its capacity over the time that calls take together. */
function crowdedShare({ hours, executeMs }: MeasuredFunction, gateways: number): number {
  const busy = executeMs / (hours * HOUR_MS);
  return busy > 0 ? Math.max(0, 1 - gateways / busy) : 0;
}
