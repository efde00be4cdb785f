import fc from 'fast-check';
import { solvePositive } from '../../../core/forecast/solve-positive';

test('by hand', () => {
  expect([...(solvePositive(Float64Array.of(4, 2, 2, 5), Float64Array.of(8, 12)) as Float64Array)]).toEqual([1, 2]);
});

test.each([
  ['singular', [1, 1, 1, 1]],
  ['not positive', [-1, 0, 0, 1]],
  ['no numbers', [Number.NaN, 0, 0, 1]],
  ['endless', [Number.POSITIVE_INFINITY, 0, 0, 1]],
])('%s: no solution', (_, matrix) => {
  expect(solvePositive(Float64Array.from(matrix), Float64Array.of(1, 1))).toBeNull();
});

test('what it finds solves the system', () => {
  const vectors = fc.integer({ min: 1, max: 6 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      factor: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: size * size, maxLength: size * size }),
      wanted: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: size, maxLength: size }),
    }),
  );
  fc.assert(
    fc.property(vectors, ({ size, factor, wanted }) => {
      const at = (row: number, column: number): number => factor[row * size + column] as number;
      const matrix = new Float64Array(size * size);
      for (let row = 0; row < size; row++) {
        for (let column = 0; column < size; column++) {
          let sum = row === column ? 1 : 0;
          for (let k = 0; k < size; k++) sum += at(row, k) * at(column, k);
          matrix[row * size + column] = sum;
        }
      }
      const right = Float64Array.from({ length: size }, (_, row) =>
        wanted.reduce((sum, value, column) => sum + (matrix[row * size + column] as number) * value, 0),
      );
      const solution = solvePositive(matrix, right) as Float64Array;
      for (let i = 0; i < size; i++) expect(solution[i]).toBeCloseTo(wanted[i] as number, 6);
    }),
  );
});
