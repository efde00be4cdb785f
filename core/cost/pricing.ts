import { TIERS, type Tier } from '../function/manifest';

/** By what a call's cost is reckoned. */
export interface Pricing {
  /** The id of a price table. */
  readonly table: string;
  /** Of the node that it ran on, and where that stands; null: no node, or one of which nothing is known. */
  readonly tier: Tier;
  readonly region: string | null;
  /** Latency promised by the function's `sla`, in milliseconds; null: none. */
  readonly slaMs: number | null;
  /**
   * Where the function stood that called, by which the way of the answer is priced; null: the platform itself called, and the
   * answer went nowhere. Without: a user did, and the record says from where.
   */
  readonly callerRegion?: string | null | undefined;
}

const FORM = /^([0-9a-f]{12}) (\S+) (-|\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:<(\S*))? (.*)$/s;

/** As a record carries it: one text for all calls of a function on a node. */
export function pricingText({ table, tier, region, slaMs, callerRegion }: Pricing): string {
  const from = callerRegion === undefined ? '' : `<${encodeURIComponent(callerRegion ?? '')}`;
  return `${table} ${tier} ${slaMs ?? '-'}${from} ${region ?? ''}`;
}

/** Null for a text that is none of ours. */
export function parsePricing(text: string): Pricing | null {
  const [, table, tierName, sla, from, region] = FORM.exec(text) ?? [];
  const tier = TIERS.find((each) => each === tierName);
  if (table === undefined || tier === undefined) return null;
  const pricing = { table, tier, region: named(region), slaMs: sla === '-' ? null : Number(sla) };
  return from === undefined ? pricing : { ...pricing, callerRegion: named(decoded(from)) };
}

/** The same for a call that no user makes. @param callerRegion as that of a pricing */
export function pricingFor(text: string, callerRegion: string | null): string {
  const pricing = parsePricing(text);
  return pricing ? pricingText({ ...pricing, callerRegion }) : text;
}

/** Where the answer of a call went. @param userRegion of the user who called, if one did; null: not known */
export function answerRegion(
  { region, callerRegion }: Pick<Pricing, 'region' | 'callerRegion'>,
  userRegion: string | null,
): string | null {
  return callerRegion === undefined ? userRegion : (callerRegion ?? region);
}

function named(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** What no gateway of ours has written stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
