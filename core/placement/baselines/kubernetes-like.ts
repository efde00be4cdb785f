import type { PlacementSolver } from '../placement-case';
import { asListed, bestOf, freeShares, oneByOne } from './one-by-one';

/**
 * The two scores that the default scheduler of Kubernetes gives by resources, added up: LeastAllocated (free share of CPU and memory on
 * the mean) and BalancedAllocation (how alike the two are: 1 less their standard deviation). Of two resources that is 1 and the
 * free share of the scarcer one.
 */
export const kubernetesLike: PlacementSolver = {
  name: 'kubernetes-like',
  solve: (problem) =>
    oneByOne(problem, asListed, (choice) => bestOf(choice.nodes, (node) => score(freeShares(choice, node)))!),
};

function score([cpu, memory]: readonly [number, number]): number {
  return (cpu + memory) / 2 + (1 - Math.abs(cpu - memory) / 2);
}
