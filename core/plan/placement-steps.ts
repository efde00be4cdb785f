/** One thing to do for a function to come where a plan has it. */
export type PlacementStep =
  /** It was nowhere in particular. */
  | { readonly kind: 'place'; readonly to: string }
  | { readonly kind: 'add'; readonly to: string }
  | { readonly kind: 'migrate'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly from: string };

/** What brings a function from some nodes to others; at no time has it fewer of them than it needs at the end or had before. */
export function placementSteps(from: readonly string[], to: readonly string[]): PlacementStep[] {
  const come = to.filter((node) => !from.includes(node));
  const go = from.filter((node) => !to.includes(node));
  const [first, ...others] = come;
  if (from.length === 0 && first !== undefined) {
    return [{ kind: 'place', to: first }, ...others.map((node): PlacementStep => ({ kind: 'add', to: node }))];
  }
  const pairs = Math.min(come.length, go.length);
  return [
    ...come.slice(pairs).map((node): PlacementStep => ({ kind: 'add', to: node })),
    ...come.slice(0, pairs).map((node, index): PlacementStep => ({ kind: 'migrate', from: go[index] ?? '', to: node })),
    ...go.slice(pairs).map((node): PlacementStep => ({ kind: 'remove', from: node })),
  ];
}
