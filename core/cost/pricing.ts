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
}

const FORM = /^([0-9a-f]{12}) (\S+) (-|\d+(?:\.\d+)?(?:e[+-]?\d+)?) (.*)$/s;

/** As a record carries it: one text for all calls of a function on a node. */
export function pricingText({ table, tier, region, slaMs }: Pricing): string {
  return `${table} ${tier} ${slaMs ?? '-'} ${region ?? ''}`;
}

/** Null for a text that is none of ours. */
export function parsePricing(text: string): Pricing | null {
  const [, table, tierName, sla, region] = FORM.exec(text) ?? [];
  const tier = TIERS.find((each) => each === tierName);
  if (table === undefined || tier === undefined) return null;
  return { table, tier, region: region === '' ? null : (region ?? null), slaMs: sla === '-' ? null : Number(sla) };
}
