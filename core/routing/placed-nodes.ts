import { PlatformError, type Problem } from '../error/platform-error';

/**
 * Checks the nodes of a placement, all at once.
 * @throws PlatformError invalid_argument for no nodes, a node named twice, a weight that is not a whole number from 0 to 100,
 * weights that do not sum to 100
 */
export function checkPlacedNodes(nodes: readonly { readonly node: string; readonly weight: number }[]): void {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, { node, weight }] of nodes.entries()) {
    if (seen.has(node)) problems.push({ path: `nodes.${index}.node`, message: `"${node}" is named twice` });
    seen.add(node);
    if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
      problems.push({ path: `nodes.${index}.weight`, message: `${weight} is no whole number from 0 to 100` });
    }
  }
  const sum = nodes.reduce((total, { weight }) => total + weight, 0);
  if (problems.length === 0 && sum !== 100) problems.push({ path: 'nodes', message: `the weights sum to ${sum}` });
  if (problems.length === 0) return;
  throw new PlatformError('invalid_argument', 'A placement names each node once, with weights that sum to 100', {
    problems,
  });
}
