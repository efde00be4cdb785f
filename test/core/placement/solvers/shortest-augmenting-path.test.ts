import * as fc from 'fast-check';
import { munkres } from 'munkres';
import munkresJs from 'munkres-js';
import { shortestAugmentingPath } from '../../../../core/placement/solvers/shortest-augmenting-path';

const matrix = fc.record({ rows: fc.integer({ min: 1, max: 12 }), extra: fc.nat(6) }).chain(({ rows, extra }) =>
  fc.array(fc.array(fc.integer({ min: -50, max: 200 }), { minLength: rows + extra, maxLength: rows + extra }), {
    minLength: rows,
    maxLength: rows,
  }),
);

const solve = (costs: number[][]): Int32Array | null =>
  shortestAugmentingPath(Float64Array.from(costs.flat()), costs.length, costs[0]!.length);
const sum = (costs: number[][], pairs: readonly (readonly [number, number])[]): number =>
  pairs.reduce((total, [row, column]) => total + (costs[row]?.[column] ?? 0), 0);

it('costs what munkres and munkres-js find', () => {
  fc.assert(
    fc.property(matrix, (costs) => {
      const columns = [...solve(costs)!];
      expect(new Set(columns).size).toBe(costs.length);
      const own = sum(
        costs,
        columns.map((column, row) => [row, column] as const),
      );
      expect(own).toBe(sum(costs, munkres(costs)));
      // Does not take negative costs well: a constant for each cell shifts every assignment alike.
      const shifted = costs.map((row) => row.map((cost) => cost + 50));
      expect(own + 50 * costs.length).toBe(sum(shifted, munkresJs(shifted.map((row) => [...row]))));
    }),
    { numRuns: 300 },
  );
});

it('leaves out pairs that must not be, and says where that leaves none', () => {
  const never = Infinity;
  expect([
    ...solve([
      [1, never, 5],
      [1, 2, never],
    ])!,
  ]).toEqual([0, 1]);
  expect([
    ...solve([
      [1, never],
      [1, 9],
    ])!,
  ]).toEqual([0, 1]);
  expect(
    solve([
      [1, never],
      [1, never],
    ]),
  ).toBeNull();
});

it('refuses more rows than columns', () => {
  expect(() => shortestAugmentingPath(new Float64Array(2), 2, 1)).toThrow('2 rows cannot have a column each of 1');
});
