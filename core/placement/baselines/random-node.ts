import { seededRandom } from '../../random/seeded-random';
import type { PlacementSolver } from '../placement-case';
import { asListed, oneByOne } from './one-by-one';

/** Any node that has room. */
export const randomNode: PlacementSolver = {
  name: 'random',
  solve: (problem, seed) => {
    const random = seededRandom(seed);
    return oneByOne(problem, asListed, ({ nodes }) => nodes[Math.floor(random() * nodes.length)]!);
  },
};
