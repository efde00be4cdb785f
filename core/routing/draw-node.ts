/**
 * The node that a request falls on by the weights of a placement; undefined when none has weight.
 * @param random 0 (inclusive) to 1 (exclusive)
 */
export function drawNode(
  placed: readonly { readonly node: string; readonly weight: number }[],
  random: number,
): string | undefined {
  let sum = 0;
  for (const { weight } of placed) sum += weight;
  let left = random * sum;
  for (const { node, weight } of placed) {
    if (weight > 0 && left < weight) return node;
    left -= weight;
  }
  return undefined;
}
