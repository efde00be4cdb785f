import fc from 'fast-check';
import { Matrices, plain, turned, writeTransposed } from '../../../../core/forecast/lstm/matrices';
import { seededRandom } from '../../../../core/random/seeded-random';

const sizes = fc.record({
  rows: fc.nat(5),
  inner: fc.nat(9),
  width: fc.integer({ min: 1, max: 35 }),
  transposed: fc.boolean(),
  seed: fc.nat(),
});

test('a product is what three loops make of it, to the last bit', () => {
  fc.assert(
    fc.property(sizes, ({ rows, inner, width, transposed, seed }) => {
      const random = seededRandom(seed);
      const matrices = new Matrices({ to: rows * width + 3, left: rows * inner, right: inner * width + 1 });
      const { to, left, right } = matrices.arrays;
      for (const array of [to, left, right]) array.forEach((_, i) => (array[i] = random() - 0.5));
      const expected = to.slice();
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < inner; i++) {
          const factor = left[transposed ? i * rows + row : row * inner + i] as number;
          for (let column = 0; column < width; column++) {
            const at = 2 + row * width + column;
            expected[at] = (expected[at] as number) + factor * (right[1 + i * width + column] as number);
          }
        }
      }
      const strided = transposed ? turned(left, 0, rows) : plain(left, 0, inner);
      matrices.addProduct({ array: to, at: 2 }, strided, { array: right, at: 1 }, rows, inner, width);
      expect([...to]).toEqual([...expected]);
    }),
  );
});

test('adds a row to each, and the sum of all', () => {
  const matrices = new Matrices({ rows: 6, row: 3, sum: 3 });
  const { rows, row, sum } = matrices.arrays;
  row.set([1, 2, 3]);
  rows.set([10, 20, 30, 40, 50, 60]);
  matrices.addRow({ array: rows, at: 0 }, { array: row, at: 0 }, 2, 3);
  expect([...rows]).toEqual([11, 22, 33, 41, 52, 63]);
  matrices.addSum({ array: sum, at: 0 }, { array: rows, at: 0 }, 2, 3);
  expect([...sum]).toEqual([52, 74, 96]);
});

test('rows become columns', () => {
  const to = new Float64Array(7);
  writeTransposed({ array: Float64Array.of(0, 1, 2, 3, 4, 5, 6), at: 1 }, 2, 3, to);
  expect([...to]).toEqual([1, 4, 2, 5, 3, 6, 0]);
});
