/**
 * A placement in which all nodes count alike: users then go to the nearest of them.
 * @returns whole weights that sum to 100; nothing for no nodes
 */
export function evenShares(nodes: readonly string[]): { readonly node: string; readonly weight: number }[] {
  const each = Math.floor(100 / nodes.length);
  const left = 100 - each * nodes.length;
  return nodes.map((node, index) => ({ node, weight: each + (index < left ? 1 : 0) }));
}
