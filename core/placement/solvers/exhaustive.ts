import type { PartModel } from './part-model';
import { SearchState } from './search-state';

export interface Exhaustive {
  /** The best assignment found; null where there is none. */
  readonly at: Int32Array | null;
  /** Whether all assignments were looked at, so that `at` is the optimum, or null says that none exists. */
  readonly complete: boolean;
}

/**
 * Depth first through all assignments, the parts with the fewest nodes first; a branch ends where what is placed and the cheapest node
 * of each other part cost as much as the best so far.
 * @param most steps (parts placed) after which the search is given up
 * @param first true to stop at the first assignment that fits
 */
export function exhaustive(model: PartModel, most: number, first = false): Exhaustive {
  const state = new SearchState(model);
  const { nodes } = model;
  const choices = (part: number): number =>
    model.allowed.subarray(part * nodes, (part + 1) * nodes).filter(Boolean).length;
  const order = [...model.parts.keys()].sort((a, b) => choices(a) - choices(b) || a - b);
  let [steps, lowest] = [0, Infinity];
  let best: Int32Array | null = null;
  const bound = (from: number): number => {
    let sum = state.cost;
    for (const part of order.slice(from)) {
      let least = Infinity;
      for (let node = 0; node < nodes; node++) {
        if (model.allowed[part * nodes + node] === 1) least = Math.min(least, state.table[part * nodes + node]!);
      }
      sum += least;
    }
    return sum;
  };
  const down = (depth: number): void => {
    if (depth === order.length) {
      if (state.cost < lowest) [lowest, best] = [state.cost, state.at.slice()];
      return;
    }
    const part = order[depth]!;
    const row = part * nodes;
    const ways = Array.from({ length: nodes }, (_, node) => node)
      .filter((node) => state.fits(part, node))
      .sort((a, b) => state.table[row + a]! - state.table[row + b]!);
    for (const node of ways) {
      if (steps++ >= most || (first && best)) return;
      state.place(part, node);
      if (first || bound(depth + 1) < lowest) down(depth + 1);
      state.lift(part);
    }
  };
  down(0);
  return { at: best, complete: steps < most };
}

/** How many assignments there are, whatever fits; Infinity for very many. */
export function assignments(model: PartModel): number {
  let product = 1;
  for (let part = 0; part < model.parts.length; part++) {
    let choices = 0;
    for (let node = 0; node < model.nodes; node++) choices += model.allowed[part * model.nodes + node]!;
    product *= choices;
  }
  return product;
}
