import { CaseTerms, KINDS } from '../case-terms';
import type { Placement, PlacementCase } from '../placement-case';
import { PartModel } from '../solvers/part-model';

/** What a scheduler sees when it places one function. */
export interface Choice {
  readonly model: PartModel;
  readonly part: number;
  /** Nodes that permit the function and have room for it; never empty. */
  readonly nodes: readonly number[];
  /** Room of each node in each resource, see `KINDS`. */
  readonly free: Float64Array;
}

/**
 * Places one function after another, whole, and never comes back to one: how schedulers do it. They keep to tiers, residency and
 * room, and know nothing of SLAs and replicas. A function that finds no room goes where most memory is left, over the limit.
 * @param order of the functions, as places in the case
 */
export function oneByOne(
  problem: PlacementCase,
  order: (model: PartModel) => readonly number[],
  choose: (choice: Choice) => number,
): Placement {
  const model = new PartModel(new CaseTerms(problem));
  const free = model.capacity.slice();
  const at = new Int32Array(model.parts.length).fill(-1);
  for (const part of order(model)) {
    const permitted = Array.from({ length: model.nodes }, (_, node) => node).filter(
      (node) => model.permitted[part * model.nodes + node] === 1,
    );
    const nodes = permitted.filter((node) => hasRoom(model, free, part, node));
    const memory = (node: number): number => free[node * KINDS + 1]!;
    const node = nodes.length > 0 ? choose({ model, part, nodes, free }) : bestOf(permitted, memory);
    if (node === undefined) continue;
    at[part] = node;
    for (let kind = 0; kind < KINDS; kind++) free[node * KINDS + kind]! -= model.demand[part * KINDS + kind]!;
  }
  return model.placement(at);
}

/** Functions as the case lists them. */
export function asListed(model: PartModel): readonly number[] {
  return [...model.parts.keys()];
}

/** The one with the highest score, the first of equals; undefined for none. */
export function bestOf(nodes: readonly number[], score: (node: number) => number): number | undefined {
  let [best, highest] = [nodes[0], -Infinity];
  for (const node of nodes) {
    const value = score(node);
    if (value > highest) [best, highest] = [node, value];
  }
  return best;
}

/** Shares (0-1) of CPU and memory that are free on a node once the function is there. */
export function freeShares({ model, part, free }: Choice, node: number): readonly [number, number] {
  const share = (kind: number): number => {
    const capacity = model.capacity[node * KINDS + kind]!;
    return capacity > 0 ? (free[node * KINDS + kind]! - model.demand[part * KINDS + kind]!) / capacity : 0;
  };
  return [share(0), share(1)];
}

function hasRoom(model: PartModel, free: Float64Array, part: number, node: number): boolean {
  for (let kind = 0; kind < KINDS; kind++) {
    if (CaseTerms.exceeds(model.demand[part * KINDS + kind]!, free[node * KINDS + kind]!)) return false;
  }
  return true;
}
