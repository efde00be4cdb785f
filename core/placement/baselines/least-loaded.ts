import type { PlacementSolver } from '../placement-case';
import { asListed, bestOf, freeShares, oneByOne } from './one-by-one';

/** The node of whose CPU the least share is used. */
export const leastLoaded: PlacementSolver = {
  name: 'least-loaded',
  solve: (problem) =>
    oneByOne(problem, asListed, (choice) => bestOf(choice.nodes, (node) => freeShares(choice, node)[0])!),
};
