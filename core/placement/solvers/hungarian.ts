import { CaseTerms, KINDS } from '../case-terms';
import type { PlacementSolver } from '../placement-case';
import { PartModel } from './part-model';
import { shortestAugmentingPath } from './shortest-augmenting-path';

/**
 * The Hungarian method over node slots: each node is so many columns as functions of mean size have room there. Optimal for what
 * it sees, which is neither the calls between functions nor that functions differ in size: its placements can overload nodes.
 */
export const hungarian: PlacementSolver = {
  name: 'hungarian',
  solve: (problem) => {
    const model = new PartModel(new CaseTerms(problem));
    return model.placement(assignSlots(model));
  },
};

/** The cheapest node of each part by the linear terms, as many parts a node as it has slots; -1 for parts left over. */
export function assignSlots(model: PartModel): Int32Array {
  const { nodes, linear, allowed, parts } = model;
  const at = new Int32Array(parts.length).fill(-1);
  const placeable = [...parts.keys()].filter((part) => allowed.indexOf(1, part * nodes) >= 0 && hasNode(model, part));
  const columns = slotsOf(model, placeable.length);
  if (placeable.length === 0 || columns.length < placeable.length) return at;
  const costs = new Float64Array(placeable.length * columns.length);
  placeable.forEach((part, row) =>
    columns.forEach((node, column) => {
      const cell = part * nodes + node;
      costs[row * columns.length + column] = allowed[cell] === 1 ? linear[cell]! : Infinity;
    }),
  );
  const columnOf = shortestAugmentingPath(costs, placeable.length, columns.length);
  placeable.forEach((part, row) => {
    if (columnOf) at[part] = columns[columnOf[row]!]!;
  });
  return at;
}

function hasNode({ allowed, nodes }: PartModel, part: number): boolean {
  return allowed.subarray(part * nodes, (part + 1) * nodes).includes(1);
}

/** A node for each slot: what fits of parts of mean size, more where all together are fewer than the parts. */
function slotsOf(model: PartModel, wanted: number): number[] {
  const { nodes, parts, demand, capacity } = model;
  const mean = new Float64Array(KINDS);
  demand.forEach((amount, cell) => (mean[cell % KINDS]! += amount / parts.length));
  const room = Array.from({ length: nodes }, (_, node) => {
    let slots = Infinity;
    for (let kind = 0; kind < KINDS; kind++) {
      if (mean[kind]! > 0) slots = Math.min(slots, capacity[node * KINDS + kind]! / mean[kind]!);
    }
    return Math.min(slots, wanted);
  });
  const sum = room.reduce((total, slots) => total + slots, 0);
  const stretch = sum > 0 ? Math.max(1, wanted / sum) : 0;
  return room.flatMap((slots, node) => new Array<number>(Math.ceil(slots * stretch)).fill(node));
}
