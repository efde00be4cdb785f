import { TIERS, type Tier } from '../core/function/manifest';

/** The tier that most nodes have; the first of `TIERS` among equals. */
export function tierOfMost(nodes: readonly { readonly tier: Tier }[]): Tier {
  const count = (tier: Tier): number => nodes.filter((node) => node.tier === tier).length;
  return [...TIERS].reduce((most, tier) => (count(tier) > count(most) ? tier : most));
}
