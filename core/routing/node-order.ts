import { offersIsolation, type Isolation } from '../function/isolation';
import type { Tier } from '../function/manifest';

/** A node as the order looks at it. */
export interface OrderedNode {
  readonly name: string;
  readonly tier: Tier;
  readonly region?: string | undefined;
  /** What it offers; left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /** It takes functions that are not placed there: it is neither cordoned nor drained nor lost. */
  readonly open: boolean;
}

export interface OrderRules<N extends OrderedNode> {
  /** Where the function is placed; null: anywhere. */
  readonly placed: readonly { readonly node: string; readonly weight: number }[] | null;
  /** Tiers that its manifest allows. */
  readonly tiers: readonly Tier[];
  /** Regions that its manifest allows; left out: all. */
  readonly regions?: readonly string[] | undefined;
  /** Left out: `agent`. */
  readonly isolation?: Isolation | undefined;
  /** Round trip from the user to a node, milliseconds. */
  readonly ms: (node: N) => number;
}

/**
 * The nodes that may serve a function, the best first: those that get its traffic, those that hold it ready without
 * traffic, others that its manifest allows, and of these last those that should take nothing new: they serve rather than
 * nobody. Among equals the nearest, then as they are configured.
 */
export function nodeOrder<N extends OrderedNode>(nodes: readonly N[], rules: OrderRules<N>): N[] {
  const { placed, tiers, regions, ms } = rules;
  const allowed = ({ tier, region }: N): boolean =>
    tiers.includes(tier) && (regions === undefined || (region !== undefined && regions.includes(region)));
  const weights = new Map(placed?.map(({ node, weight }) => [node, weight]));
  const rank = ({ name, open }: N): number => {
    const weight = weights.get(name);
    if (weight === undefined) return open ? 2 : 3;
    return weight > 0 ? 0 : 1;
  };
  return nodes
    .filter((node) => offersIsolation(node.isolation, rules.isolation))
    .filter((node) => weights.has(node.name) || allowed(node))
    .map((node, index) => ({ node, index, rank: rank(node), ms: ms(node) }))
    .sort((a, b) => a.rank - b.rank || a.ms - b.ms || a.index - b.index)
    .map(({ node }) => node);
}
