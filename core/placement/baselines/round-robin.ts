import type { PlacementSolver } from '../placement-case';
import { asListed, oneByOne } from './one-by-one';

/** The next node that has room, in a circle. */
export const roundRobin: PlacementSolver = {
  name: 'round-robin',
  solve: (problem) => {
    let last = -1;
    return oneByOne(problem, asListed, ({ nodes }) => (last = nodes.find((node) => node > last) ?? nodes[0]!));
  },
};
