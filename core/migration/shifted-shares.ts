/** A node's share of a function's traffic, 0 to 100. */
export interface PlacedShare {
  readonly node: string;
  readonly weight: number;
}

/**
 * A placement with so many percent of one node's traffic moved to another; the others keep theirs. The source stays, if
 * need be with weight 0, until it is taken out.
 * @param percent 0 to 100
 */
export function shiftShares(shares: readonly PlacedShare[], from: string, to: string, percent: number): PlacedShare[] {
  const whole = shares.find(({ node }) => node === from)?.weight ?? 0;
  const moved = Math.round((whole * percent) / 100);
  const shifted = shares.map(({ node, weight }) => {
    if (node === from) return { node, weight: weight - moved };
    return node === to ? { node, weight: weight + moved } : { node, weight };
  });
  return shares.some(({ node }) => node === to) ? shifted : [...shifted, { node: to, weight: moved }];
}

/** A placement without a node that has no traffic any more. */
export function withoutNode(shares: readonly PlacedShare[], gone: string): PlacedShare[] {
  return shares.filter(({ node }) => node !== gone).map(({ node, weight }) => ({ node, weight }));
}
