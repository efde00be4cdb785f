import type { PlacementSolver } from '../placement-case';
import type { PartModel } from '../solvers/part-model';
import { bestOf, oneByOne } from './one-by-one';

/** The node with room that is nearest to the function's users on the mean; the busiest functions choose first. */
export const nearestNode: PlacementSolver = {
  name: 'nearest-node',
  solve: (problem) =>
    oneByOne(problem, busiestFirst, ({ model, part, nodes }) => bestOf(nodes, (node) => -userMs(model, part, node))!),
};

function busiestFirst({ parts, terms }: PartModel): readonly number[] {
  return [...parts.keys()].sort((a, b) => terms.totals[b]! - terms.totals[a]! || a - b);
}

/** Mean round trip of the function's load, in ms, by where it comes from in the end. */
function userMs({ terms }: PartModel, fn: number, node: number): number {
  return terms.origins[fn]!.reduce((sum, share, region) => sum + share * terms.problem.regionMs[region]![node]!, 0);
}
